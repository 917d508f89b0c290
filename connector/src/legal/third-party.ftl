<#-- The list of bundled libraries; what it is filled from comes from their POMs. -->
The libraries in this package
=============================

Each is distributed as its authors published it. The licences' texts are in licenses/. Of a library
under several licences, one suffices.

<#list dependencyMap as entry>
<#assign library = entry.getKey()/>
${library.artifactId}-${library.version}.jar
    ${library.name!library.artifactId}
    ${library.groupId}:${library.artifactId}:${library.version}
    ${library.url!"(no address)"}
<#list entry.getValue() as license>
    licenses/${license}.txt
</#list>

</#list>
