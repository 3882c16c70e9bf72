// Which targets a call is about: filters, tags, and what git says of changes.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class FiltersTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/db/nopo.yml", "image: postgres:16\ntags: [data]\n");
    Write("apps/lib/nopo.yml", "build: {command: make}\ncommands: {lint: 'true'}\n");
    Write("apps/web/nopo.yml",
          "tags: [frontend]\ndependencies: [lib]\ninfrastructure: {has_database: true}\n"
          "commands: {test: 'true'}\n");
  }

  // "db,web\n", or the exit code and what is said.
  std::string Listed(std::vector<std::string> options) {
    options.insert(options.begin(), {"list", "--csv"});
    const ProcessOutcome outcome = Nopo(options);
    return outcome.exit_code == 0 ? outcome.out : absl::StrCat(outcome.exit_code, outcome.err);
  }

  void Git(std::vector<std::string> arguments) { GitIn(project(), std::move(arguments)); }
  void GitIn(const std::filesystem::path& dir, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"git", "-C", dir.string(), "-c", "user.name=n", "-c",
                                         "user.email=e@x.org", "-c", "protocol.file.allow=always"});
    const ProcessOutcome outcome = Run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  // A repository whose branch main holds all that is there; left on the branch `topic`.
  void MakeRepository() {
    Git({"init", "-q", "-b", "main"});
    Commit();
    Git({"checkout", "-q", "-b", "topic"});
  }
  void Commit() {
    Git({"add", "-A"});
    Git({"commit", "-q", "--allow-empty", "-m", "x"});
  }
};

TEST_F(FiltersTest, SelectByPresetFieldValueAndNegation) {
  EXPECT_EQ(Listed({"--filter", "services"}), "db,web\n");
  EXPECT_EQ(Listed({"-F", "has_database"}), "web\n");
  EXPECT_EQ(Listed({"-F", "runtime.hasDatabase=true"}), "web\n");
  EXPECT_EQ(Listed({"-F", "!has_database"}), "db,lib\n");
  EXPECT_EQ(Listed({"-F", "image"}), "db\n");
  EXPECT_EQ(Listed({"-F", "tags=data"}), "db\n");
}

TEST_F(FiltersTest, AllHaveToHoldAndTagsAnyOfThem) {
  EXPECT_EQ(Listed({"-F", "service,!image"}), "web\n");
  EXPECT_EQ(Listed({"-F", "service", "-F", "!image"}), "web\n");
  EXPECT_EQ(Listed({"--tags", "data,frontend"}), "db,web\n");
  EXPECT_EQ(Listed({"--tags", "data,frontend", "-F", "buildable"}), "web\n");
}

TEST_F(FiltersTest, MistakesAreBadArguments) {
  EXPECT_THAT(Listed({"-F", "has_databse"}), HasSubstr("did you mean 'has_database'?"));
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"-F", "nonsense"}, {"-F", ""}, {"-F", "a,,b"}, {"--tags", ""}, {"--since", ""}}) {
    EXPECT_THAT(Listed(options), testing::StartsWith("3error: "));
  }
}

TEST_F(FiltersTest, TakeTargetsOutOfThoseThatAreNamedWithoutAnError) {
  const ProcessOutcome lint = Nopo({"lint", "web", "lib", "-F", "package", "--dry-run"});

  EXPECT_EQ(lint.out, "Stage 1: [lib:lint]\n") << "web lacks the command, but is filtered out";
  EXPECT_EQ(Nopo({"build", "web", "lib", "-F", "package", "--dry-run"}).out,
            "Stage 1: [lib:build]\n");
}

TEST_F(FiltersTest, ThatSelectNothingRunNothingAndSaySo) {
  for (const char* command : {"list", "lint", "build", "up", "down", "status", "logs"}) {
    const ProcessOutcome outcome = Nopo({command, "--tags", "nobody"});
    EXPECT_EQ(outcome.exit_code, 0) << command << outcome.err;
    EXPECT_THAT(absl::StrCat(outcome.out, outcome.err), HasSubstr("no target matches the filters"))
        << command;
  }
  EXPECT_EQ(Nopo({"lint", "--tags", "nobody", "--dry-run", "--json"}).out,
            "{\"stages\":[],\"tasks\":{}}\n");
}

TEST_F(FiltersTest, DownOfWhatIsFilteredOutStopsNothing) {
  WriteService("job", "infrastructure: {command: sleep 1000}\n");
  ASSERT_EQ(Nopo({"up", "job"}).exit_code, 0);

  EXPECT_EQ(Nopo({"down", "--tags", "nobody"}).exit_code, 0);

  EXPECT_EQ(ContainersOf("job").size(), 1u);
}

TEST_F(FiltersTest, ChangedCountsCommittedStagedUnstagedAndUntrackedFiles) {
  MakeRepository();
  EXPECT_EQ(Listed({"-F", "changed"}), "\n");

  Write("apps/db/committed", "");
  Commit();
  EXPECT_EQ(Listed({"-F", "changed"}), "db\n");
  Write("apps/lib/a \"b\"\n\xff", "");
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib\n") << "any name will do";
  Write("apps/web/nopo.yml", "description: edited\n");
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
  Git({"add", "-A"});
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
  EXPECT_EQ(Listed({"--since", "topic"}), "lib,web\n") << "--since alone means changed";
}

TEST_F(FiltersTest, AffectedFollowsEveryKindOfDependency) {
  WriteService("api", "infrastructure: {depends_on: [db]}\n");
  WriteService("site", "build: {depends_on: [api]}\n");
  Write("apps/e2e/nopo.yml", "commands: {test: {command: 'true', dependencies: {site: [x]}}}\n");
  MakeRepository();
  Write("apps/db/new", "");

  EXPECT_EQ(Listed({"-F", "affected"}), "api,db,e2e,site\n");
  EXPECT_EQ(Listed({"-F", "affected,!changed"}), "api,e2e,site\n");
}

TEST_F(FiltersTest, ARenameCountsForBothPlacesAndADeletionForItsOwn) {
  Write("apps/db/a", "the same text");
  Write("apps/lib/b", "");
  MakeRepository();

  Git({"mv", "apps/db/a", "apps/web/a"});
  std::filesystem::remove(project() / "apps/lib/b");

  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
  Commit();
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
}

TEST_F(FiltersTest, TheRootFileAndLockfilesChangeEverything) {
  Write("README.md", "");
  MakeRepository();

  Write("README.md", "edited");
  EXPECT_EQ(Listed({"-F", "changed"}), "\n");
  Write("pnpm-lock.yaml", "");
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
  std::filesystem::remove(project() / "pnpm-lock.yaml");
  WriteRoot("root_name: workspace\n");
  EXPECT_EQ(Listed({"-F", "changed"}), "db,lib,web\n");
}

TEST_F(FiltersTest, IgnoredFilesDoNotCountButAnIgnoredProjectIsAnError) {
  Write(".gitignore", "*.log\n");
  MakeRepository();

  Write("apps/db/x.log", "");
  EXPECT_EQ(Listed({"-F", "changed"}), "\n");

  Write("inner/nopo.yml", "name: inner\nservices: {dirs: [.]}\n");
  Write("inner/one/nopo.yml", "");
  Write(".gitignore", "inner/\n");
  const ProcessOutcome inner = NopoIn(project() / "inner", {"list", "-F", "changed"});
  EXPECT_EQ(inner.exit_code, 3);
  EXPECT_THAT(inner.err, HasSubstr("git ignores"));
}

TEST_F(FiltersTest, AProjectMayBePartOfARepository) {
  Write("part/nopo.yml", "name: part\nservices: {dirs: [.]}\n");
  Write("part/one/nopo.yml", "");
  Write("part/two/nopo.yml", "");
  MakeRepository();
  Write("apps/db/x", "");
  Write("pnpm-lock.yaml", "");
  Write("part/one/x", "");

  EXPECT_EQ(NopoIn(project() / "part", {"list", "--csv", "-F", "changed"}).out, "one\n");
}

TEST_F(FiltersTest, ASubmoduleChangesTheTargetsInIt) {
  const std::filesystem::path other = project().parent_path() / "other";
  std::filesystem::create_directories(other / "one");
  GitIn(other, {"init", "-q"});
  ASSERT_EQ(Run({"touch", (other / "one/nopo.yml").string()}).exit_code, 0);
  GitIn(other, {"add", "-A"});
  GitIn(other, {"commit", "-q", "-m", "x"});
  WriteRoot("services: {dirs: [apps, vendor]}\n");
  Git({"init", "-q", "-b", "main"});
  Git({"submodule", "--quiet", "add", other.string(), "vendor"});
  Commit();
  EXPECT_EQ(Listed({"-F", "changed"}), "\n");

  Write("vendor/one/edited", "");

  EXPECT_EQ(Listed({"-F", "changed"}), "one\n");
}

TEST_F(FiltersTest, WorkOnADetachedHead) {
  MakeRepository();
  Write("apps/db/new", "");
  Commit();
  Git({"checkout", "-q", "--detach"});

  EXPECT_EQ(Listed({"-F", "changed"}), "db\n");
}

TEST_F(FiltersTest, SayWhenGitCannotTellInsteadOfNothingChanged) {
  const auto complaint = [&] { return Listed({"-F", "changed"}); };
  EXPECT_THAT(complaint(), HasSubstr("need a git repository"));
  Git({"init", "-q", "-b", "main"});
  EXPECT_THAT(complaint(), HasSubstr("has none yet")) << "no commit";
  Commit();
  EXPECT_THAT(Listed({"--since", "nowhere"}), HasSubstr("--since: found 'nowhere'"));
  Git({"branch", "-m", "trunk"});
  EXPECT_THAT(complaint(), HasSubstr("no default branch that nopo knows"));
  Git({"checkout", "-q", "--orphan", "main"});
  Write("apps/db/new", "");
  Commit();
  EXPECT_THAT(Listed({"--since", "trunk"}), HasSubstr("no common commit"));
  EXPECT_THAT(complaint(), "\n") << "compared with main";
}

TEST_F(FiltersTest, AShallowCloneWithoutTheMergeBaseIsAnErrorThatSaysWhatToDo) {
  MakeRepository();
  Write("apps/db/new", "");
  Commit();
  Git({"checkout", "-q", "main"});
  Write("apps/web/new", "");
  Commit();
  const std::filesystem::path clone = project().parent_path() / "clone";
  Git({"clone", "-q", "--depth", "1", "--no-single-branch", "--branch", "topic",
       absl::StrCat("file://", project().string()), clone.string()});

  const ProcessOutcome outcome = NopoIn(clone, {"list", "-F", "changed"});

  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("no common commit"));
  EXPECT_THAT(outcome.err, HasSubstr("git fetch --unshallow"));
}

TEST_F(FiltersTest, SayWhenThereIsNoGit) {
  MakeRepository();
  const std::string path = environment()["PATH"];
  environment()["PATH"] = project().string();

  const ProcessOutcome outcome = Nopo({"list", "-F", "changed"});

  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("git, which is not installed"));
}

}  // namespace
}  // namespace nopo
