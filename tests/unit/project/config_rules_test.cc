// Rules of nopo.yml that no single mistake shows: defaults, conversions, forms, reserved names.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// The target `web` with this file.
Target Web(const std::string& text) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/lib/nopo.yml", "");
  files.Write("apps/web/nopo.yml", text);
  const auto project = files.Load();
  const Target* web = project->FindTarget("web");
  return web == nullptr ? Target() : *web;
}

TEST(ConfigRulesTest, RootDefaults) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: Shop\n").Write("apps/web/nopo.yml", "");
  const auto project = files.Load();
  EXPECT_EQ(project->os.image, "");
  EXPECT_THAT(project->os.packages, IsEmpty());
  EXPECT_EQ(project->os.uid, 1001);
  EXPECT_EQ(project->os.gid, 1001);
  EXPECT_EQ(project->os.home, "/home/nopo");
  EXPECT_EQ(project->root_name, "root");
  EXPECT_THAT(project->root_target.commands, IsEmpty());
  EXPECT_THAT(project->services_dirs, ElementsAre(files.root() / "apps"));
}

TEST(ConfigRulesTest, BaseImageAndPackagesHaveShorterForms) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: a\nos: {base: 'node:22', dependencies: {jq: , curl: 7.88}}\n");
  const auto project = files.Load();
  EXPECT_EQ(project->os.image, "node:22");
  EXPECT_THAT(project->os.packages, ElementsAre(Pair("jq", ""), Pair("curl", "7.88")));
}

TEST(ConfigRulesTest, TargetDefaults) {
  const Target web = Web("infrastructure:\n");
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.description, "");
  EXPECT_EQ(web.static_path, "build");
  EXPECT_EQ(web.kind, TargetKind::kService) << "an empty infrastructure is one";
  EXPECT_EQ(web.infrastructure.cpu, "1");
  EXPECT_EQ(web.infrastructure.nano_cpus, 1'000'000'000);
  EXPECT_EQ(web.infrastructure.memory, "512Mi");
  EXPECT_EQ(web.infrastructure.memory_bytes, 512LL << 20);
  EXPECT_EQ(web.infrastructure.port, 3000);
  EXPECT_EQ(web.infrastructure.min_instances, 0);
  EXPECT_EQ(web.infrastructure.max_instances, 10);
  EXPECT_FALSE(web.infrastructure.has_database);
  EXPECT_FALSE(web.infrastructure.run_migrations);
  EXPECT_EQ(web.infrastructure.command, "");
  EXPECT_EQ(web.infrastructure.directory, "");
  EXPECT_THAT(web.infrastructure.depends_on, IsEmpty());
}

TEST(ConfigRulesTest, ScalarsConvertWhenTheMeaningIsPlain) {
  const Target web = Web(
      "name: 7\n"
      "infrastructure: {cpu: 2, memory: 16777216, port: '8080', max_instances: '4',\n"
      "  has_database: 'true'}\n"
      "commands: {t: {command: 1, env: {A: 1.50, B: true, C: 007, D: no, E: , F: ~, G: 1e3}}}\n");
  EXPECT_EQ(web.name, "7");
  EXPECT_EQ(web.infrastructure.cpu, "2");
  EXPECT_EQ(web.infrastructure.nano_cpus, 2'000'000'000);
  EXPECT_EQ(web.infrastructure.memory_bytes, 1 << 24) << "without a unit, bytes";
  EXPECT_EQ(web.infrastructure.port, 8080);
  EXPECT_EQ(web.infrastructure.max_instances, 4);
  EXPECT_TRUE(web.infrastructure.has_database);
  EXPECT_EQ(web.FindCommand("t")->run, "1");
  EXPECT_THAT(web.FindCommand("t")->env,
              ElementsAre(Pair("A", "1.50"), Pair("B", "true"), Pair("C", "007"), Pair("D", "no"),
                          Pair("E", ""), Pair("F", ""), Pair("G", "1e3")));
}

TEST(ConfigRulesTest, RuntimeIsInfrastructure) {
  EXPECT_EQ(Web("runtime: {port: 1}").infrastructure.port, 1);
  EXPECT_EQ(Web("infrastructure: {port: 2}").infrastructure.port, 2);
}

TEST(ConfigRulesTest, RuntimeBesideInfrastructureStillShowsTheMistakesOfBoth) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n");
  files.Write("apps/web/nopo.yml", "runtime: {port: a}\ninfrastructure: {cpu: b}\n");
  EXPECT_THAT(files.Mistakes(), HasSubstr("1:1: runtime: found beside 'infrastructure'"));
  EXPECT_THAT(files.Mistakes(), HasSubstr("runtime.port: found 'a'"));
  EXPECT_THAT(files.Mistakes(), HasSubstr("infrastructure.cpu: found 'b'"));
}

TEST(ConfigRulesTest, StartOrderIsAListOrAMapOfConditions) {
  const Target list = Web("infrastructure: {depends_on: [lib]}");
  ASSERT_EQ(list.infrastructure.depends_on.size(), 1u);
  EXPECT_EQ(list.infrastructure.depends_on[0].condition, DependencyCondition::kHealthy);
  for (const auto& [text, condition] :
       {std::pair("service_healthy", DependencyCondition::kHealthy),
        std::pair("service_started", DependencyCondition::kStarted),
        std::pair("service_completed_successfully", DependencyCondition::kCompletedSuccessfully)}) {
    const Target map = Web(std::string("infrastructure: {depends_on: {lib: ") + text + "}}");
    EXPECT_EQ(map.infrastructure.depends_on.at(0).condition, condition) << text;
  }
}

TEST(ConfigRulesTest, BuildOutputIsTextOrAList) {
  EXPECT_THAT(Web("build: {output: a}").build->output, ElementsAre("a"));
  EXPECT_THAT(Web("build: {output: [a, b]}").build->output, ElementsAre("a", "b"));
}

TEST(ConfigRulesTest, DockerfileMayBeNamedInEitherPlace) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\n").Write("apps/a/Own", "").Write("apps/b/Own", "");
  files.Write("apps/a/nopo.yml", "dockerfile: Own\n");
  files.Write("apps/b/nopo.yml", "build: {dockerfile: ./Own}\n");
  const auto project = files.Load();
  EXPECT_EQ(project->FindTarget("a")->dockerfile, files.root() / "apps/a/Own");
  EXPECT_EQ(project->FindTarget("b")->dockerfile, files.root() / "apps/b/Own");
}

TEST(ConfigRulesTest, CommandDependenciesAreAListAMapOrNone) {
  const Target web =
      Web("commands:\n"
          "  a: {command: x, dependencies: [lib]}\n"
          "  b: {command: x, dependencies: {lib: [c, 'check:py'], root: d}}\n"
          "  c: {command: x, dependencies: {}}\n"
          "  d: {command: x}\n");
  EXPECT_THAT(web.FindCommand("a")->dependencies->at(0).commands, IsEmpty()) << "the same command";
  EXPECT_THAT(web.FindCommand("b")->dependencies->at(0).commands, ElementsAre("c", "check:py"));
  EXPECT_THAT(web.FindCommand("b")->dependencies->at(1).commands, ElementsAre("d"));
  EXPECT_THAT(*web.FindCommand("c")->dependencies, IsEmpty());
  EXPECT_FALSE(web.FindCommand("d")->dependencies.has_value());
}

TEST(ConfigRulesTest, WhereTheBaseImageIsOrBelongsIsKnown) {
  const std::pair<std::string, std::string> kPlaces[] = {
      {"name: s\n", "nopo.yml:1:1"},
      {"name: s\nos: {dependencies: {jq: ''}}\n", "nopo.yml:2:1"},
      {"name: s\nos:\n  base: {}\n", "nopo.yml:3:3"}};
  for (const auto& [text, place] : kPlaces) {
    TemporaryProject files;
    files.Write("nopo.yml", text);
    EXPECT_EQ(files.Load()->os.image_key.Prefix(), place + ": os.base.image: ") << text;
  }
}

TEST(ConfigRulesTest, WhereADirectoryIsWrittenIsKnownToTheCommandsBelow) {
  const Target web =
      Web("build: {command: x, working_dir: y}\n"
          "commands: {a: {dir: b, commands: {c: d, e: {command: f, dir: g}}}, h: i}\n");
  EXPECT_EQ(web.build->working_dir_key.Prefix(), "apps/web/nopo.yml:1:34: build.working_dir: ");
  EXPECT_EQ(web.FindCommand("a:c")->dir_key.Prefix(), "apps/web/nopo.yml:2:21: commands.a.dir: ");
  EXPECT_EQ(web.FindCommand("a:e")->dir_key.Prefix(),
            "apps/web/nopo.yml:2:62: commands.a.commands.e.dir: ");
  EXPECT_EQ(web.FindCommand("h")->dir_key.Prefix(), "");
}

TEST(ConfigRulesTest, BuiltInsOfTheSeedAreNoNamesOfCommands) {
  for (const std::string name :
       {"build", "down", "env", "list", "pull", "run", "status", "up", "command"}) {
    TemporaryProject files;
    files.Write("nopo.yml", "name: shop\nroot: {commands: {" + name + ": x}}\n");
    EXPECT_EQ(files.Mistakes(), "nopo.yml:2:19: root.commands." + name +
                                    ": found the command name '" + name +
                                    "', which is nopo's own; expected another name");
    files.Write("nopo.yml", "name: shop\nroot: {commands: {a: {commands: {" + name + ": x}}}}\n");
    EXPECT_EQ(files.Mistakes(), "") << "below the top level nothing is reserved";
  }
}

TEST(ConfigRulesTest, OtherBuiltInsAreNamesWithAWarning) {
  for (const std::string name :
       {"logs", "exec", "watch", "graph", "daemon", "doctor", "completion", "version", "help"}) {
    TemporaryProject files;
    files.Write("nopo.yml", "name: shop\nroot: {commands: {" + name + ": x}}\n");
    EXPECT_THAT(files.Load()->warnings,
                ElementsAre(HasSubstr("this one runs as 'nopo command " + name + "'")));
  }
}

TEST(ConfigRulesTest, DependenciesFindTheirTargetInAnyCase) {
  EXPECT_EQ(Web("dependencies: [LIB]").dependencies.at(0).target, "lib");
  EXPECT_EQ(Web("build: {depends_on: [Lib]}").build->depends_on.at(0).target, "lib");
}

TEST(ConfigRulesTest, UserKeysAreNobodysMistake) {
  TemporaryProject files;
  files.Write("nopo.yml", "name: shop\nx-a: 1\nos: {x-b: 2}\nservices: {x-c: 3}\n");
  files.Write("apps/web/nopo.yml",
              "x-a: 1\nbuild: {x-b: 2}\ncommands: {t: {command: a, x-c: 3}}\n");
  EXPECT_THAT(files.Load()->warnings, IsEmpty());
}

}  // namespace
}  // namespace nopo
