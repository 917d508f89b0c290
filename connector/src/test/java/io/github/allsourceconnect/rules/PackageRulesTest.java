package io.github.allsourceconnect.rules;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Who may know whom; and what decides, knows nothing of the world. */
@AnalyzeClasses(
    packages = "io.github.allsourceconnect",
    importOptions = ImportOption.DoNotIncludeTests.class)
class PackageRulesTest {
  private static final String ROOT = "io.github.allsourceconnect";
  private static final String OWN = ROOT + "..";
  private static final Set<String> ROOT_CLASSES =
      Set.of("AllSourceSourceConnector", "AllSourceSinkConnector", "Version");

  @ArchTest
  static final ArchRule rootHoldsTheConnectorsAndTheVersion =
      classes()
          .that()
          .resideInAPackage(ROOT)
          .should(
              ArchCondition.from(
                  DescribedPredicate.<JavaClass>describe(
                      "be one of " + ROOT_CLASSES, type -> ROOT_CLASSES.contains(outermost(type)))))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule protocolKnowsNothingOfKafkaNorOfItsUsers =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".protocol..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.apache.kafka..").or(ownBut(ROOT + ".protocol..")));

  @ArchTest
  static final ArchRule snapshotKnowsTheProtocolOnly =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".snapshot..")
          .should()
          .dependOnClassesThat(
              ownBut(ROOT + ".snapshot..", ROOT + ".protocol..", ROOT + ".files.."));

  @ArchTest
  static final ArchRule filesKnowsNoOtherPackage =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".files..")
          .should()
          .dependOnClassesThat(ownBut(ROOT + ".files.."));

  @ArchTest
  static final ArchRule transportKnowsNoOtherPackage =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".transport..")
          .should()
          .dependOnClassesThat(ownBut(ROOT + ".transport.."))
          .allowEmptyShould(true);

  /**
   * A worker brings its own Kafka clients; these classes came with 4.1, and the package runs on
   * 3.6.
   */
  @ArchTest
  static final ArchRule olderWorkersHaveAllThatIsUsed =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("org\\.apache\\.kafka\\.clients\\.consumer\\.CloseOptions.*");

  @ArchTest
  static final ArchRule sourceDoesNotKnowTheSink =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".source..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".sink..");

  @ArchTest
  static final ArchRule sinkDoesNotKnowTheSource =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".sink..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".source..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule nobodyKnowsTheTools =
      noClasses()
          .that()
          .resideInAPackage(OWN)
          .and()
          .resideOutsideOfPackage(ROOT + ".tool..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".tool..");

  @ArchTest
  static final ArchRule theSourcesPartsKnowEachOtherInOneDirection =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(ROOT + ".source..")
          .layer("task")
          .definedBy(ROOT + ".source")
          .layer("fetch")
          .definedBy(ROOT + ".source.fetch..")
          .layer("link")
          .definedBy(ROOT + ".source.link..")
          .layer("read-ahead")
          .definedBy(ROOT + ".source.readahead..")
          .layer("record")
          .definedBy(ROOT + ".source.record..")
          .layer("decision")
          .definedBy(ROOT + ".source.decision..")
          .whereLayer("task")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("fetch")
          .mayOnlyBeAccessedByLayers("task")
          .whereLayer("record")
          .mayOnlyBeAccessedByLayers("task")
          .whereLayer("link")
          .mayOnlyBeAccessedByLayers("task", "fetch")
          .whereLayer("read-ahead")
          .mayOnlyBeAccessedByLayers("task", "link", "fetch");

  /** The follower's thread sends acks and asks the clock; it must not wait for files. */
  @ArchTest
  static final ArchRule theLoopOpensNoSnapshotFiles =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".source")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(SnapshotRows.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(SnapshotAssembler.class);

  @ArchTest
  static final ArchRule theDecisionsPartsKnowEachOtherInOneDirection =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(ROOT + ".source.decision..")
          .layer("follower")
          .definedBy(ROOT + ".source.decision")
          .layer("repair")
          .definedBy(ROOT + ".source.decision.repair..")
          .layer("epoch")
          .definedBy(ROOT + ".source.decision.epoch..")
          .layer("ledger")
          .definedBy(ROOT + ".source.decision.ledger..")
          .layer("position")
          .definedBy(ROOT + ".source.decision.position..")
          .layer("orders")
          .definedBy(ROOT + ".source.decision.orders..")
          .layer("phase")
          .definedBy(ROOT + ".source.decision.phase..")
          .whereLayer("phase")
          .mayOnlyBeAccessedByLayers("follower", "repair", "epoch")
          .whereLayer("follower")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("repair")
          .mayOnlyBeAccessedByLayers("follower")
          .whereLayer("epoch")
          .mayOnlyBeAccessedByLayers("follower", "repair")
          .whereLayer("position")
          .mayOnlyBeAccessedByLayers("follower", "repair", "epoch", "ledger");

  @ArchTest
  static final ArchRule whatBothUseKnowsNeitherEnd =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".protocol..",
              ROOT + ".snapshot..",
              ROOT + ".transport..",
              ROOT + ".config..",
              ROOT + ".metrics..")
          .should()
          .dependOnClassesThat(resideInAnyPackage(ROOT, ROOT + ".source", ROOT + ".sink"));

  @ArchTest
  static final ArchRule decisionsKnowNoSocketFileThreadClockNorKafka =
      noClasses()
          .that()
          .resideInAPackage("..decision..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.net..",
                      "java.nio.file..",
                      "java.nio.channels..",
                      "java.io..",
                      "java.util.concurrent..",
                      "javax.net..",
                      "org.apache.kafka..",
                      "org.apache.parquet..",
                      "org.slf4j..",
                      "io.netty..",
                      "com.fasterxml.jackson..")
                  .or(
                      DescribedPredicate.<JavaClass>describe(
                          "threads, clocks or the system",
                          type ->
                              type.isAssignableTo(Thread.class)
                                  || type.isAssignableTo(Clock.class)
                                  || type.isAssignableTo(Runtime.class)
                                  || type.isAssignableTo(ThreadLocal.class))));

  @ArchTest
  static final ArchRule decisionsAskNoClockAndNoChance =
      noClasses()
          .that()
          .resideInAPackage("..decision..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "getProperty", String.class)
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .callConstructor(Random.class);

  @ArchTest
  static final ArchRule decisionsShareNothing =
      noClasses()
          .that()
          .resideInAPackage("..decision..")
          .should()
          .accessTargetWhere(
              DescribedPredicate.<JavaAccess<?>>describe(
                  "waits or notifies",
                  access ->
                      access.getTargetOwner().isEquivalentTo(Object.class)
                          && Set.of("wait", "notify", "notifyAll").contains(access.getName())));

  @ArchTest
  static final ArchRule noMutableStatics =
      fields()
          .that()
          .areStatic()
          .and()
          .doNotHaveModifier(JavaModifier.SYNTHETIC)
          .should()
          .beFinal();

  @ArchTest
  static final ArchRule noDrawerForOddsAndEnds =
      noClasses().should().resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..");

  @ArchTest
  static final ArchRule noCycles = slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  private static DescribedPredicate<JavaClass> ownBut(String... allowed) {
    return resideInAPackage(OWN).and(not(resideInAnyPackage(allowed)));
  }

  private static String outermost(JavaClass type) {
    String name = type.getFullName().substring(type.getPackageName().length() + 1);
    int dollar = name.indexOf('$');
    return dollar < 0 ? name : name.substring(0, dollar);
  }
}
