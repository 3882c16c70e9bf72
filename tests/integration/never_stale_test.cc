// A call answers from the configuration as it is at that moment, whatever the daemon remembers.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class NeverStaleTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot("services: {dirs: [apps, 'libs/*']}\n");
    Write("apps/web/nopo.yml", "description: one\n");
    fs::create_directories(project() / "libs");
    Settle();
  }

  // Until the daemon answers from memory. Nothing shows that from outside, and nothing has to: a
  // file that is read again cannot be stale.
  void Settle() {
    NopoTest::Settle();
    EXPECT_EQ(Nopo({"list"}).exit_code, 0);
    EXPECT_EQ(Nopo({"list"}).exit_code, 0);
  }

  std::string Targets() { return Nopo({"list", "--csv"}).out; }
  // Of the target web.
  std::string Description() {
    const std::string json = Nopo({"list", "--json", "-F", "path=apps/web"}).out;
    const std::string key = "\"description\": \"";
    const size_t at = json.find(key);
    if (at == std::string::npos) return json;
    const size_t from = at + key.size();
    return json.substr(from, json.find('"', from) - from);
  }
};

TEST_F(NeverStaleTest, SeesAnEdit) {
  Write("apps/web/nopo.yml", "description: two two\n");
  EXPECT_EQ(Description(), "two two");
}

TEST_F(NeverStaleTest, SeesEveryOneOfManyEditsInARow) {
  for (int i = 100; i < 130; ++i) {
    Write("apps/web/nopo.yml", absl::StrCat("description: n", i, "\n"));
    ASSERT_EQ(Description(), absl::StrCat("n", i));
  }
}

TEST_F(NeverStaleTest, SeesAnEditThatKeepsSizeAndModificationTime) {
  const fs::path file = project() / "apps/web/nopo.yml";
  struct stat before;
  ASSERT_EQ(::stat(file.c_str(), &before), 0);

  Write("apps/web/nopo.yml", "description: two\n");
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);

  EXPECT_EQ(Description(), "two");
}

TEST_F(NeverStaleTest, SeesAFileThatReplacesAnotherWithItsTimes) {
  const fs::path file = project() / "apps/web/nopo.yml";
  const fs::file_time_type time = fs::last_write_time(file);
  Write("apps/web/new.yml", "description: two\n");
  fs::last_write_time(project() / "apps/web/new.yml", time);

  fs::rename(project() / "apps/web/new.yml", file);

  EXPECT_EQ(Description(), "two");
}

TEST_F(NeverStaleTest, SeesTargetsComeGoAndChangeTheirNames) {
  Write("apps/api/nopo.yml", "");
  EXPECT_EQ(Targets(), "api,web\n");
  fs::rename(project() / "apps/api", project() / "apps/backend");
  EXPECT_EQ(Targets(), "backend,web\n");
  fs::remove(project() / "apps/backend/nopo.yml");
  EXPECT_EQ(Targets(), "web\n");
  fs::remove_all(project() / "apps/web");
  EXPECT_EQ(Targets(), "\n");
}

TEST_F(NeverStaleTest, SeesServicesDirsComeAndGo) {
  Write("libs/a/one/nopo.yml", "");
  EXPECT_EQ(Targets(), "one,web\n") << "the glob has a match now";
  fs::rename(project() / "libs/a", project() / "libs/.a");
  EXPECT_EQ(Targets(), "web\n");
  fs::remove_all(project() / "apps");
  EXPECT_THAT(Nopo({"list"}).err, HasSubstr("'apps', where there is no directory"));
  Write("apps/late/nopo.yml", "");
  EXPECT_EQ(Targets(), "late\n");
}

TEST_F(NeverStaleTest, SeesADirectoryThatAnotherReplaces) {
  Write("other/web/nopo.yml", "description: two\n");
  fs::rename(project() / "apps", project() / "old");
  fs::rename(project() / "other", project() / "apps");
  EXPECT_EQ(Description(), "two");
}

TEST_F(NeverStaleTest, SeesALinkThatPointsElsewhere) {
  Write("v1/web/nopo.yml", "description: one\n");
  Write("v2/web/nopo.yml", "description: two\n");
  fs::remove_all(project() / "apps");
  fs::create_symlink("v1", project() / "apps");
  Settle();
  EXPECT_EQ(Description(), "one");

  fs::remove(project() / "apps");
  fs::create_symlink("v2", project() / "apps");

  EXPECT_EQ(Description(), "two");
}

TEST_F(NeverStaleTest, SeesAnEditOfTheRootFile) {
  Write("more/extra/nopo.yml", "");
  WriteRoot("services: {dirs: [apps, more]}\n");
  EXPECT_EQ(Targets(), "extra,web\n");
}

TEST_F(NeverStaleTest, SeesADockerfileComeAndGo) {
  const auto type = [&] { return Nopo({"list", "--csv", "-F", "service"}).out; };
  EXPECT_EQ(type(), "\n");
  Write("apps/web/Dockerfile", "FROM x\n");
  EXPECT_EQ(type(), "web\n");
  fs::remove(project() / "apps/web/Dockerfile");
  EXPECT_EQ(type(), "\n");
}

TEST_F(NeverStaleTest, SeesTheEnvironmentFileThatTheCallNames) {
  WriteService("web", "");
  const auto image = [&] {
    const std::string json = Nopo({"list", "--json"}).out;
    const size_t at = json.find("-web:");
    return json.substr(at, json.find('"', at) - at);
  };
  EXPECT_EQ(image(), "-web:local");
  Write(".env", "DOCKER_VERSION=v1\n");
  EXPECT_EQ(image(), "-web:v1");
  Write("other.env", "DOCKER_VERSION=v2\n");
  environment()["ENV_FILE"] = "other.env";
  EXPECT_EQ(image(), "-web:v2");
  Write("other.env", "DOCKER_VERSION=v3\n");
  EXPECT_EQ(image(), "-web:v3");
  environment().erase("ENV_FILE");
  EXPECT_EQ(image(), "-web:v1");
}

TEST_F(NeverStaleTest, SeesAnotherRootAboveAndBelow) {
  const fs::path here = project() / "apps/web";
  const auto root = [&] { return NopoIn(here, {"list", "--json"}).out; };
  EXPECT_THAT(root(), HasSubstr(absl::StrCat("\"root\": \"", project().string(), "\"")));

  Write("apps/web/nopo.yml", "name: inner\nservices: {dirs: [.]}\n");
  EXPECT_THAT(root(), HasSubstr(absl::StrCat("\"root\": \"", here.string(), "\"")));

  Write("apps/web/nopo.yml", "name: web\n");
  EXPECT_THAT(root(), HasSubstr(absl::StrCat("\"root\": \"", project().string(), "\"")));

  // Without `services` in any, the topmost counts.
  WriteRoot();
  const fs::path above = project().parent_path();
  std::ofstream(above / "nopo.yml") << "name: above\n";
  EXPECT_THAT(root(), HasSubstr(absl::StrCat("\"root\": \"", above.string(), "\"")));
}

TEST_F(NeverStaleTest, SeesMistakesAndTheirCorrection) {
  Write("apps/web/nopo.yml", "tags: {\n");
  EXPECT_EQ(Nopo({"list"}).exit_code, 4);
  EXPECT_EQ(Nopo({"list"}).exit_code, 4);
  Write("apps/web/nopo.yml", "tags: [x]\n");
  EXPECT_EQ(Nopo({"list", "--csv", "-F", "tags=x"}).out, "web\n");
}

TEST_F(NeverStaleTest, SeesWhatHappenedWhileTheDaemonSlept) {
  const int daemon = DaemonPid();
  ASSERT_EQ(::kill(daemon, SIGSTOP), 0);
  Write("apps/web/nopo.yml", "description: two\n");
  Write("apps/api/nopo.yml", "");
  ASSERT_EQ(::kill(daemon, SIGCONT), 0);

  EXPECT_EQ(Description(), "two");
  EXPECT_EQ(Targets(), "api,web\n");
  EXPECT_EQ(DaemonPid(), daemon);
}

TEST_F(NeverStaleTest, AHundredCallsAtOnceAllAnswerFromTheNewState) {
  for (int i = 0; i < 50; ++i) Write(absl::StrCat("apps/t", 100 + i, "/nopo.yml"), "");
  std::string expected;
  for (int i = 0; i < 50; ++i) absl::StrAppend(&expected, "t", 100 + i, ",");
  absl::StrAppend(&expected, "web\n");

  std::vector<std::unique_ptr<TestProcess>> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(StartNopo({"list", "--csv"}));

  for (const auto& call : calls) {
    const ProcessOutcome outcome = call->Wait(absl::Minutes(2));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, expected);
  }
}

}  // namespace
}  // namespace nopo
