<#-- The list of bundled libraries; what it is filled from comes from their POMs. -->
The libraries in this package
=============================

Each is distributed as its authors published it. The licences' texts are in licenses/. JTS is also
offered under the Eclipse Public License 2.0, of which no use is made.

<#list dependencyMap as entry>
<#assign library = entry.getKey()/>
${library.artifactId}-${library.version}.jar
    ${library.name!library.artifactId}
    ${library.groupId}:${library.artifactId}:${library.version}
    ${library.url!"(no address)"}
<#list entry.getValue() as license><#if license != "EPL-2.0">
    licenses/${license}.txt
</#if></#list>

</#list>
