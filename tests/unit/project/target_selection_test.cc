#include "daemon/project/target_selection.h"

#include "common/error.h"
#include "daemon/project/git_command.h"
#include "daemon/project/git_facts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Ids(const absl::StatusOr<std::vector<const Target*>>& targets) {
  if (!targets.ok()) return {std::string(targets.status().message())};
  std::vector<std::string> ids;
  for (const Target* target : *targets) ids.push_back(target->id);
  return ids;
}

class SelectTargetsTest : public ::testing::Test {
 protected:
  SelectTargetsTest() {
    files_.Write("nopo.yml", "name: Shop\nroot: {commands: {fmt: x}}\n");
    files_.Write("apps/db/nopo.yml", "image: postgres:16\ntags: [data]\n");
    files_.Write("apps/lib/nopo.yml", "build: {command: make, env: {MODE: x}}\n");
    files_.Write("apps/web/nopo.yml", R"(
description: Front end
tags: [frontend, public]
dependencies: [lib]
infrastructure: {cpu: "2", has_database: true, depends_on: [db]}
commands: {test: t, check: {commands: {py: ruff}}}
)");
    files_.Write("apps/e2e/nopo.yml",
                 "commands: {test: {command: t, dependencies: {web: [test]}}}\n");
    project_ = files_.Load();
  }

  std::vector<std::string> Named(std::vector<std::string> names,
                                 std::vector<std::string> filters = {}) {
    return Ids(SelectTargets(
        *project_, {std::move(names), std::move(filters), {}, "", files_.root() / "apps/web/src"}));
  }
  std::vector<std::string> Filtered(const std::string& filter) { return Named({}, {filter}); }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
};

TEST_F(SelectTargetsTest, AreAllWithoutNames) {
  EXPECT_THAT(Named({}), ElementsAre("db", "e2e", "lib", "root", "web"));
}

TEST_F(SelectTargetsTest, LeaveOutARootWithoutCommandsUnlessNamed) {
  files_.Write("nopo.yml", "name: Shop\n");
  project_ = files_.Load();
  EXPECT_THAT(Named({}), ElementsAre("db", "e2e", "lib", "web"));
  EXPECT_THAT(Named({"Root"}), ElementsAre("root"));
  EXPECT_THAT(Named({"base"}), ElementsAre("root"));
}

TEST_F(SelectTargetsTest, AreNamedInAnyCaseAndByTheWorkingDirectory) {
  EXPECT_THAT(Named({"WEB", "db", "web"}), ElementsAre("db", "web"));
  EXPECT_THAT(Named({"."}), ElementsAre("web"));
  EXPECT_THAT(Ids(SelectTargets(*project_, {{"."}, {}, {}, "", files_.root() / "apps"})),
              ElementsAre("root"));
  EXPECT_THAT(Ids(SelectTargets(*project_, {{"."}, {}, {}, "", "/"})),
              ElementsAre(HasSubstr("outside of the project")));
}

TEST_F(SelectTargetsTest, MustExist) {
  EXPECT_THAT(Named({"wbe"}), ElementsAre("unknown target 'wbe'; did you mean 'web'?"));
  EXPECT_THAT(Named({"nonsense"}),
              ElementsAre(HasSubstr("unknown target 'nonsense'; targets are ")));
  const absl::Status status = SelectTargets(*project_, {{"x"}, {}, {}, "", "/"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), Reason::kBadArguments);
}

TEST_F(SelectTargetsTest, AreFilteredByPreset) {
  EXPECT_THAT(Filtered("service"), ElementsAre("db", "web"));
  EXPECT_THAT(Filtered("packages"), ElementsAre("e2e", "lib", "root"));
  EXPECT_THAT(Filtered("buildable"), ElementsAre("lib", "web"));
  EXPECT_THAT(Filtered("!buildable"), ElementsAre("db", "e2e", "root"));
}

TEST_F(SelectTargetsTest, AreFilteredByField) {
  const std::pair<const char*, std::vector<std::string>> kFilters[] = {
      {"has_database", {"web"}},
      {"infrastructure.hasDatabase", {"web"}},
      {"!has_database", {"db", "e2e", "lib", "root"}},
      {"image", {"db"}},
      {"image=postgres:16", {"db"}},
      {"description", {"web"}},
      {"tags=public", {"web"}},
      {"tags", {"db", "web"}},
      {"cpu=2", {"web"}},
      {"runtime.cpu=1", {"db"}},
      {"infrastructure.port=3000", {"db", "web"}},
      {"infrastructure.depends_on=db", {"web"}},
      {"build.secrets", {}},
      {"compose.dns", {}},
      {"compose.labels.any.thing", {}},
      {"commands.nosuch", {}},
      {"dependencies=lib", {"web"}},
      {"dependencies=db", {}},
      {"build", {"lib"}},
      {"build.env.MODE=x", {"lib"}},
      {"commands.test", {"e2e", "web"}},
      {"commands.check.py", {"web"}},
      {"commands.check:py=ruff", {"web"}},
      {"commands=fmt", {"root"}},
      {"type=service", {"db", "web"}},
      {"path=apps/web", {"web"}},
      {"type=service, !image", {"web"}},
      {"name=web", {"web"}},
      {"memory=512Mi", {"db", "e2e", "lib", "root", "web"}},
      {"port=3000,min_instances=0,maxInstances=10", {"db", "e2e", "lib", "root", "web"}},
      {"static_path=build", {"db", "e2e", "lib", "root", "web"}},
      {"has_database=true", {"web"}},
      {"has_database=false", {"db", "e2e", "lib", "root"}},
      {"runMigrations", {}},
      {"!run_migrations=true", {"db", "e2e", "lib", "root", "web"}},
      {"buildable=true", {"lib", "web"}},
      {"dockerfile", {}},
      {"runtime", {"db", "web"}},
      {"compose", {}},
  };
  for (const auto& [filter, ids] : kFilters) EXPECT_EQ(Filtered(filter), ids) << filter;
}

TEST_F(SelectTargetsTest, AreNamesIntersectedWithEveryFilter) {
  EXPECT_THAT(Named({"web", "lib"}, {"service"}), ElementsAre("web"));
  EXPECT_THAT(Named({}, {"service", "!image"}), ElementsAre("web"));
  EXPECT_THAT(Named({"lib"}, {"service"}), IsEmpty());
}

TEST_F(SelectTargetsTest, HaveAnyOfTheTags) {
  const auto tagged = [&](std::vector<std::string> tags) {
    return Ids(SelectTargets(*project_, {{}, {}, std::move(tags), "", "/"}));
  };
  EXPECT_THAT(tagged({"data,public"}), ElementsAre("db", "web"));
  EXPECT_THAT(tagged({"nobody"}), IsEmpty());
  EXPECT_THAT(tagged({""}), ElementsAre("--tags: found ''; expected tags separated by commas"));
}

TEST_F(SelectTargetsTest, RefuseMalformedFilters) {
  EXPECT_THAT(Filtered("cpuu=1"),
              ElementsAre("--filter: found 'cpuu=1', whose field is unknown; "
                          "did you mean 'cpu'?; expected a preset (buildable, changed, "
                          "affected, package, service), FIELD, !FIELD or FIELD=VALUE"));
  for (const char* filter : {"", "a,,b", "=x", "!", "cpu,"}) {
    const auto status = SelectTargets(*project_, {{}, {filter}, {}, "", "/"}).status();
    EXPECT_EQ(ReasonOf(status), Reason::kBadArguments) << filter;
  }
}

TEST_F(SelectTargetsTest, RefuseFieldsThatNoTargetCanHave) {
  for (const char* filter :
       {"infrastructure.nosuch", "build.env.A=1,cpu.x", "compose.labls", "tags.x"}) {
    EXPECT_THAT(Filtered(filter), ElementsAre(HasSubstr("whose field is unknown"))) << filter;
  }
  EXPECT_THAT(Filtered("commands.test.context=container"),
              ElementsAre(HasSubstr("found 'commands.test.context'; no command has this name")));
}

TEST_F(SelectTargetsTest, TellThatAPresetTakesNoValue) {
  EXPECT_THAT(Filtered("service=x"),
              ElementsAre("--filter: found 'service=x'; 'service' takes no value"));
}

TEST_F(SelectTargetsTest, NeedARepositoryToCompare) {
  const auto status = SelectTargets(*project_, {{}, {"changed"}, {}, "", "/"}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("need a git repository"));
  EXPECT_EQ(ReasonOf(status), Reason::kBadArguments);
}

class ChangedTargetsTest : public SelectTargetsTest {
 protected:
  ChangedTargetsTest() {
    Git({"init", "-q", "-b", "main"});
    files_.Write(".gitignore", "*.log\n");
    Commit();
  }

  void Git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", "user.name=n", "-c", "user.email=e@example.com"});
    const absl::StatusOr<std::string> output = RunGit({files_.root(), {}}, arguments);
    ASSERT_TRUE(output.ok()) << output.status();
  }
  void Commit() {
    Git({"add", "-A"});
    Git({"commit", "-q", "-m", "x"});
  }
};

TEST_F(ChangedTargetsTest, AreNoneInACleanTree) {
  EXPECT_THAT(Filtered("changed"), IsEmpty());
  EXPECT_THAT(Filtered("affected"), IsEmpty());
}

TEST_F(ChangedTargetsTest, CountCommittedStagedUnstagedAndUntrackedFiles) {
  Git({"checkout", "-q", "-b", "topic"});
  files_.Write("apps/db/committed", "");
  Commit();
  files_.Write("apps/lib/staged", "");
  Git({"add", "-A"});
  files_.Write("apps/web/nopo.yml", "description: edited\n");
  files_.Write("apps/e2e/untracked file", "");
  EXPECT_THAT(Filtered("changed"), ElementsAre("db", "e2e", "lib", "root", "web"));
}

TEST_F(ChangedTargetsTest, IgnoreIgnoredFilesAndTheBranchesOwnProgress) {
  Git({"checkout", "-q", "-b", "topic"});
  Git({"checkout", "-q", "main"});
  files_.Write("apps/db/later", "");
  Commit();
  Git({"checkout", "-q", "topic"});
  files_.Write("apps/web/x.log", "");
  EXPECT_THAT(Filtered("changed"), IsEmpty()) << "compared with the merge base";
}

TEST_F(ChangedTargetsTest, AffectWhatDependsOnThemInAnyWay) {
  files_.Write("apps/db/new", "");
  EXPECT_THAT(Filtered("changed"), ElementsAre("db", "root"));
  EXPECT_THAT(Filtered("affected"), ElementsAre("db", "e2e", "root", "web"));
  EXPECT_THAT(Named({"db", "web"}, {"affected,!changed"}), ElementsAre("web"));
}

TEST_F(ChangedTargetsTest, AreAllWhenTheRootFileOrALockfileChanges) {
  files_.Write("pnpm-lock.yaml", "");
  EXPECT_THAT(Filtered("changed"), SizeIs(5));
}

TEST_F(ChangedTargetsTest, AreMeantBySinceAlone) {
  files_.Write("apps/db/new", "");
  Commit();
  const auto since = [&](const std::string& reference) {
    return Ids(SelectTargets(*project_, {{}, {}, {}, reference, "/"}));
  };
  EXPECT_THAT(since("HEAD~1"), ElementsAre("db", "root"));
  EXPECT_THAT(since("main"), IsEmpty());
  EXPECT_THAT(since("nowhere"), ElementsAre("--since: found 'nowhere'; expected a branch, tag or "
                                            "commit of the repository"));
  EXPECT_THAT(since("--output=x"), ElementsAre(HasSubstr("--since: found '--output=x'")));
}

TEST_F(ChangedTargetsTest, NeedAKnownDefaultBranch) {
  Git({"branch", "-m", "trunk"});
  EXPECT_THAT(Filtered("changed"), ElementsAre(HasSubstr("name one with --since")));
}

}  // namespace
}  // namespace nopo
