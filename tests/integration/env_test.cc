// `nopo env`, and what other commands do to `.env` and with it.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EnvTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    WriteService("web", "commands: {show: 'env | sort', start: sleep 1000}\n");
  }

  struct stat Stat(const std::string& file = ".env") const {
    struct stat status {};
    ::stat((project() / file).c_str(), &status);
    return status;
  }
  bool Exists(const std::string& file) const { return std::filesystem::exists(project() / file); }
  boost::json::object Json(const std::vector<std::string>& arguments) {
    const ProcessOutcome outcome = Nopo(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(outcome.out, error);
    EXPECT_TRUE(!error && value.is_object()) << outcome.out;
    return value.is_object() ? value.as_object() : boost::json::object();
  }
  // The managed keys' values.
  std::string Value(const std::string& key) {
    const boost::json::object values = Json({"env", "--diff", "--json"})["values"].as_object();
    return values.contains(key) ? std::string(values.at(key).as_string().c_str()) : "";
  }
};

TEST_F(EnvTest, PrintsAndWritesWhatChanged) {
  Write(".env", "# mine\nSECRET='a b'\nDOCKER_VERSION=v1\n");

  const ProcessOutcome first = Nopo({"env"});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr(absl::StrCat("added      DOCKER_TAG=", slug(), ":v1\n")));
  EXPECT_THAT(first.out, HasSubstr("unchanged  DOCKER_VERSION=v1\n"));
  EXPECT_THAT(Read(".env"),
              StartsWith("# mine\nSECRET='a b'\nDOCKER_VERSION=v1\n# nopo: begin\nDOCKER_IMAGE="));
  EXPECT_THAT(Read(".env"), EndsWith("\n# nopo: end\n"));
  Write(".env", absl::StrCat("GIT_COMMIT=x\n", Read(".env")));
  environment()["DOCKER_VERSION"] = "v2";
  EXPECT_THAT(Nopo({"env"}).out, HasSubstr("updated    DOCKER_VERSION=v2  # was v1\n"));
}

TEST_F(EnvTest, GivesTheContractsJson) {
  Write(".env",
        "DOCKER_VERSION=v1\n# nopo: begin\nDOCKER_REGISTRY=old.io\nDOCKER_TAG=a:1\n"
        "DOCKER_PORT=8080\n# nopo: end\n");

  boost::json::object env = Json({"env", "--json"});

  EXPECT_EQ(env["file"].as_string(), (project() / ".env").string());
  EXPECT_EQ(env["values"].at("DOCKER_TAG").as_string(), "a:v1");
  EXPECT_EQ(env["values"].at("WEB_IMAGE").as_string(), "a-web:v1");
  const boost::json::object& diff = env["diff"].as_object();
  EXPECT_EQ(diff.at("added").at("DOCKER_IMAGE").as_string(), "a");
  EXPECT_EQ(boost::json::serialize(diff.at("updated")),
            R"({"DOCKER_TAG":{"from":"a:1","to":"a:v1"}})");
  EXPECT_EQ(boost::json::serialize(diff.at("removed")), R"({"DOCKER_REGISTRY":"old.io"})");
  EXPECT_EQ(boost::json::serialize(diff.at("unchanged")),
            R"({"DOCKER_PORT":"8080","DOCKER_VERSION":"v1"})");
  EXPECT_EQ(env.size(), 3u);
  EXPECT_EQ(diff.size(), 4u);
}

TEST_F(EnvTest, OnlyPrintsWithDiffOrDryRun) {
  EXPECT_THAT(Nopo({"env", "--diff"}).out, HasSubstr("(nothing written)"));
  EXPECT_THAT(Nopo({"env", "-d", "--json"}).out, HasSubstr("DOCKER_PORT"));
  EXPECT_EQ(Nopo({"env", "--dry-run"}).exit_code, 0);

  EXPECT_FALSE(Exists(".env"));
}

TEST_F(EnvTest, KeepsPortAndTagUntilForced) {
  environment()["DOCKER_TAG"] = "ghcr.io/team/app:v3";
  const std::string port =
      std::string(Json({"env", "--json"})["values"].at("DOCKER_PORT").as_string().c_str());
  environment().erase("DOCKER_TAG");

  EXPECT_EQ(Value("DOCKER_PORT"), port);
  EXPECT_EQ(Value("DOCKER_TAG"), "ghcr.io/team/app:v3");

  const boost::json::object forced = Json({"env", "--force", "--json"});
  EXPECT_NE(forced.at("values").at("DOCKER_PORT").as_string(), port);
  EXPECT_EQ(Value("DOCKER_TAG"), slug() + ":local");
}

TEST_F(EnvTest, IsUpdatedByPullWhoseVersionIsUsedFromThenOn) {
  std::filesystem::remove_all(project() / "apps");
  environment()["DOCKER_VERSION"] = "v1";
  EXPECT_EQ(Nopo({"pull", "--dry-run"}).exit_code, 0);
  EXPECT_FALSE(Exists(".env"));

  EXPECT_EQ(Nopo({"pull"}).exit_code, 0);

  environment().erase("DOCKER_VERSION");
  EXPECT_THAT(Read(".env"), HasSubstr("DOCKER_VERSION=v1\n"));
  EXPECT_EQ(Value("DOCKER_TAG"), slug() + ":v1");
}

TEST_F(EnvTest, ExplainsWhereAValueComesFrom) {
  Write(".env", "DOCKER_VERSION=v1\nSECRET=x\n");
  environment()["DOCKER_VERSION"] = "v2";

  const ProcessOutcome version = Nopo({"env", "--explain", "DOCKER_VERSION"});

  EXPECT_EQ(version.exit_code, 0) << version.err;
  EXPECT_THAT(version.out, StartsWith("DOCKER_VERSION=v2\n* the environment "));
  EXPECT_THAT(version.out, HasSubstr("\n  .env:1 "));
  EXPECT_THAT(Nopo({"env", "--explain", "SECRET"}).out, HasSubstr("* .env:2 "));
  EXPECT_EQ(Json({"env", "--explain", "DOCKER_VERSION", "--json"})["value"].as_string(), "v2");
  const ProcessOutcome unknown = Nopo({"env", "--explain", "DOCKER_VERSON"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'DOCKER_VERSION'?"));
  EXPECT_EQ(Read(".env"), "DOCKER_VERSION=v1\nSECRET=x\n");
}

TEST_F(EnvTest, RefusesWhatItDoesNotTake) {
  EXPECT_EQ(Nopo({"env", "web"}).exit_code, 3);
  EXPECT_EQ(Nopo({"env", "--explain", "DOCKER_TAG", "--force"}).exit_code, 3);
  EXPECT_FALSE(Exists(".env"));
}

TEST_F(EnvTest, IsUpdatedByUpBuildAndRunButNotByDryRunsAndHostCommands) {
  EXPECT_EQ(Nopo({"show"}).exit_code, 0);
  EXPECT_EQ(Nopo({"up", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(Nopo({"build", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(Nopo({"run", "show", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(Nopo({"list"}).exit_code, 0);
  EXPECT_FALSE(Exists(".env"));

  const auto writes = [&](const std::vector<std::string>& arguments) {
    std::filesystem::remove(project() / ".env");
    EXPECT_EQ(Nopo(arguments).exit_code, 0) << arguments[0];
    return absl::StrContains(Read(".env"), "DOCKER_PORT=");
  };
  EXPECT_TRUE(writes({"build"}));
  EXPECT_TRUE(writes({"run", "show"}));
  EXPECT_TRUE(writes({"up"}));
}

TEST_F(EnvTest, IsNotTouchedByAnUpThatChangesNoValue) {
  ASSERT_EQ(Nopo({"up"}).exit_code, 0);
  const struct stat before = Stat();

  ASSERT_EQ(Nopo({"up"}).exit_code, 0);

  EXPECT_EQ(Stat().st_ino, before.st_ino);
  EXPECT_EQ(Stat().st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

TEST_F(EnvTest, GivesHostTasksTheManagedKeysButNotTheUsersOther) {
  Write(".env", "DOCKER_VERSION=v5\nSECRET=1\nGIT_COMMIT=mine\nNODE_ENV=fromfile\n");
  Write("apps/lib/nopo.yml",
        "commands: {show: {command: 'env | sort', env: {DOCKER_TARGET: own, EXTRA: e}}}\n");
  environment()["NODE_ENV"] = "callers";
  environment()["DOCKER_TAG"] = "";

  const std::string out = Nopo({"show", "lib"}).out;

  const auto line = [](const std::string& text) { return "[lib:show] " + text + "\n"; };
  EXPECT_THAT(out, HasSubstr(line("DOCKER_VERSION=v5")));
  EXPECT_THAT(out, HasSubstr(line(absl::StrCat("DOCKER_TAG=", slug(), ":v5"))))
      << "the caller's is empty";
  EXPECT_THAT(out, HasSubstr(line("NODE_ENV=callers")));
  EXPECT_THAT(out, HasSubstr(line("DOCKER_TARGET=own")));
  EXPECT_THAT(out, HasSubstr(line("EXTRA=e")));
  EXPECT_THAT(out, HasSubstr(line("GIT_COMMIT=unknown")));
  EXPECT_THAT(out, HasSubstr(line(absl::StrCat("WEB_IMAGE=", slug(), "-web:v5"))));
  EXPECT_THAT(out, Not(HasSubstr("SECRET")));
}

TEST_F(EnvTest, GivesTheUsersKeysToCompose) {
  Write(".env", "SECRET=from the file\n");
  WriteService("web",
               "compose: {environment: [SECRET, DOCKER_TAG]}\n"
               "commands: {show: 'echo $SECRET $DOCKER_TAG'}\n");

  EXPECT_THAT(Nopo({"run", "show", "web"}).out,
              HasSubstr(absl::StrCat("from the file ", slug(), ":local\n")));
}

TEST_F(EnvTest, FollowsGit) {
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=n", "-c", "user.email=e@example.com"});
    const ProcessOutcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return std::string(absl::StripSuffix(outcome.out, "\n"));
  };
  EXPECT_EQ(Value("GIT_COMMIT"), "unknown");
  git({"init", "-q", "-b", "it's"});
  for (int i = 0; i < 3; ++i) {
    git({"commit", "-q", "--allow-empty", "-m", "x"});
    ASSERT_EQ(Nopo({"env"}).exit_code, 0);
    EXPECT_THAT(Read(".env"),
                HasSubstr(absl::StrCat("GIT_COMMIT=", git({"rev-parse", "HEAD"}), "\n")));
  }
  EXPECT_THAT(Read(".env"), HasSubstr("GIT_BRANCH=\"it's\"\n"));
}

TEST_F(EnvTest, KeepsModeLinkAndBytes) {
  const std::string text = "\xEF\xBB\xBF# hi\r\n\r\n  A = 'x' # y\r\nexport B=\"1\r\n2\"\r\nC=last";
  Write("shared/env", text);
  ASSERT_EQ(::chmod((project() / "shared/env").c_str(), 0600), 0);
  std::filesystem::create_symlink("shared/env", project() / ".env");

  ASSERT_EQ(Nopo({"env"}).exit_code, 0);

  EXPECT_TRUE(std::filesystem::is_symlink(project() / ".env"));
  EXPECT_EQ(Stat("shared/env").st_mode & 07777, 0600);
  EXPECT_THAT(Read(".env"), StartsWith(text + "\r\n# nopo: begin\r\n"));
}

TEST_F(EnvTest, MakesANewFileByTheCallersUmaskInTheFileThatENV_FILENames) {
  environment()["ENV_FILE"] = "apps/my.env";

  ASSERT_EQ(Run({"/bin/sh", "-c", absl::StrCat("umask 077; exec ", NOPO_BINARY, " env")}).exit_code,
            0);

  EXPECT_EQ(Stat("apps/my.env").st_mode & 07777, 0600);
  EXPECT_FALSE(Exists(".env"));
}

TEST_F(EnvTest, LeavesAMalformedFileAsItIs) {
  for (const std::string text : {"A=1\nnot a variable\n", "A=1\n# nopo: begin\nB=1\n",
                                 "# nopo: begin\n# nopo: end\n# nopo: begin\n# nopo: end\n"}) {
    Write(".env", text);
    for (const char* verb : {"env", "up"}) {
      const ProcessOutcome outcome = Nopo({verb});
      EXPECT_EQ(outcome.exit_code, 4) << text;
      EXPECT_THAT(outcome.err, HasSubstr(".env:")) << text;
    }
    EXPECT_EQ(Read(".env"), text);
  }
}

TEST_F(EnvTest, SaysWhereAMalformedReferenceCameFrom) {
  Write(".env", "\nDOCKER_VERSION=a b\n");
  const ProcessOutcome in_file = Nopo({"env"});
  EXPECT_EQ(in_file.exit_code, 4);
  EXPECT_THAT(in_file.err, HasSubstr("DOCKER_VERSION (.env:2)"));
  environment()["DOCKER_TAG"] = "No:good:at all";
  EXPECT_THAT(Nopo({"up"}).err, HasSubstr("DOCKER_TAG (the environment)"));
}

TEST_F(EnvTest, CannotBeWrittenWhereNoFolderIs) {
  environment()["ENV_FILE"] = "missing/.env";

  const ProcessOutcome outcome = Nopo({"env"});

  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("missing/.env: cannot be written"));
}

TEST_F(EnvTest, LosesNoEditWhenManyCallsOfTwoDaemonsRunAtOnce) {
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::unique_ptr<TestProcess>> calls;
    for (int i = 0; i < 3; ++i) {
      environment()["DOCKER_VERSION"] = absl::StrCat("v", round, ".", i);
      calls.push_back(StartNopo({"env"}));
      calls.push_back(StartNopo({"env", "--no-daemon"}));
    }
    for (const auto& call : calls) EXPECT_EQ(call->Wait(absl::Minutes(1)).exit_code, 0);
  }
  environment().erase("DOCKER_VERSION");
  std::set<std::string> seen;
  int lines = 0;
  for (const absl::string_view line : absl::StrSplit(Read(".env"), '\n', absl::SkipEmpty())) {
    ++lines;
    EXPECT_TRUE(seen.insert(std::string(line)).second) << line;
  }
  EXPECT_GT(lines, 10);
  EXPECT_EQ(Nopo({"env"}).exit_code, 0) << "still one well-formed block";
  EXPECT_FALSE(Exists(".env.nopo~"));
}

TEST_F(EnvTest, SurvivesADaemonThatIsKilledInTheMiddle) {
  Write(".env", "SECRET=1\n");
  for (int round = 0; round < 10; ++round) {
    const int daemon = DaemonPid();
    environment()["DOCKER_VERSION"] = absl::StrCat("v", round);
    const std::unique_ptr<TestProcess> call = StartNopo({"env"});
    Eventually([&] { return Exists(".env.nopo~") || Read(".env").size() > 10; });
    ::kill(daemon, SIGKILL);
    call->Wait(absl::Minutes(1));

    const std::string text = Read(".env");
    EXPECT_THAT(text, StartsWith("SECRET=1\n"));
    EXPECT_THAT(text, ::testing::AnyOf("SECRET=1\n", EndsWith("\n# nopo: end\n")));
  }
  EXPECT_EQ(Nopo({"env"}).exit_code, 0);
  EXPECT_FALSE(Exists(".env.nopo~"));
}

}  // namespace
}  // namespace nopo
