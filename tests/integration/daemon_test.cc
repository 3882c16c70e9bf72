#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class DaemonTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/web/nopo.yml", "commands: {wait: 'echo waiting; sleep 600'}\n");
  }
  std::string socket() { return environment()["XDG_RUNTIME_DIR"] + "/nopo/nopod.sock"; }
};

TEST_F(DaemonTest, TwentyCallsAtOnceStartOneDaemon) {
  std::vector<std::unique_ptr<TestProcess>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(StartNopo({"status", "--json"}));

  std::set<int> daemons;
  for (const auto& call : calls) {
    const ProcessOutcome outcome = call->Wait(absl::Minutes(1));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    daemons.insert(DaemonPidIn(outcome));
  }
  EXPECT_EQ(daemons.size(), 1);
}

TEST_F(DaemonTest, TheSocketIsTheUsersAlone) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);

  struct stat file {
  }, folder{};
  ASSERT_EQ(::stat(socket().c_str(), &file), 0);
  ASSERT_EQ(::stat(std::filesystem::path(socket()).parent_path().c_str(), &folder), 0);

  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(folder.st_mode & 0777, 0700u);
}

TEST_F(DaemonTest, LeavesAFileAloneThatTheSocketsVariableNames) {
  const std::string file = environment()["XDG_RUNTIME_DIR"] + "/nopo/precious.txt";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::filesystem::permissions(std::filesystem::path(file).parent_path(),
                               std::filesystem::perms::owner_all);
  std::ofstream(file) << "precious";
  environment()["NOPO_SOCKET"] = file;

  const ProcessOutcome outcome = Nopo({"list"});

  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(absl::StrCat("what lies at ", file, " is no socket")));
  std::ifstream stream(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "precious");
}

TEST_F(DaemonTest, MakesRoomForAnotherWhenItsSocketIsTakenAway) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const int before = DaemonPid();

  std::filesystem::remove(socket());

  EXPECT_EQ(Nopo({"list"}).exit_code, 0);
  EXPECT_NE(DaemonPid(), before);
  EXPECT_TRUE(Eventually([&] { return ::kill(before, 0) != 0; }));
}

TEST_F(DaemonTest, LeavesTheSocketAloneThatAnotherHasPutInItsPlace) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const int before = DaemonPid();
  const std::filesystem::path folder = std::filesystem::path(socket()).parent_path();

  std::filesystem::rename(folder, folder.string() + "-moved");

  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return ::kill(before, 0) != 0; }));
  EXPECT_TRUE(std::filesystem::exists(socket()));
}

TEST_F(DaemonTest, StopReturnsWhenItIsGone) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const int pid = DaemonPid();

  EXPECT_EQ(Nopo({"daemon", "stop"}).exit_code, 0);

  EXPECT_FALSE(std::filesystem::exists(socket()));
  EXPECT_TRUE(Eventually([&] { return ::kill(pid, 0) != 0; }));
}

TEST_F(DaemonTest, SigtermCancelsWhatRunsAndEnds) {
  const auto waiting = StartNopo({"wait", "web"});
  ASSERT_TRUE(waiting->WaitForOutput("waiting", absl::Seconds(60)));
  const int pid = DaemonPid();

  ASSERT_EQ(::kill(pid, SIGTERM), 0);

  EXPECT_NE(waiting->Wait(absl::Minutes(1)).exit_code, 0);
  EXPECT_TRUE(Eventually([&] { return ::kill(pid, 0) != 0; }));
}

TEST_F(DaemonTest, RestartReplacesIt) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const int before = DaemonPid();

  EXPECT_EQ(Nopo({"daemon", "restart"}).exit_code, 0);

  EXPECT_NE(DaemonPid(), before);
}

TEST_F(DaemonTest, LogsShowsWhatTheDaemonWrote) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);

  EXPECT_THAT(Nopo({"daemon", "logs"}).out, HasSubstr("listens at"));
}

TEST_F(DaemonTest, WithoutDaemonTheSameIsPrintedAndNothingStaysBehind) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const ProcessOutcome with = Nopo({"list", "--json"});
  ASSERT_EQ(Nopo({"daemon", "stop"}).exit_code, 0);

  const ProcessOutcome without = Nopo({"--no-daemon", "list", "--json"});

  EXPECT_EQ(without.exit_code, 0) << without.err;
  EXPECT_EQ(without.out, with.out);
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(DaemonTest, WithoutDaemonNothingStaysBehindOfACallThatIsKilled) {
  const std::filesystem::path temporary = project() / "tmp";
  std::filesystem::create_directory(temporary);
  environment()["TMPDIR"] = temporary.string();
  const auto waiting = StartNopo({"--no-daemon", "wait", "web"});
  ASSERT_TRUE(waiting->WaitForOutput("waiting", absl::Seconds(60)));
  ASSERT_FALSE(std::filesystem::is_empty(temporary));

  waiting->Signal(SIGKILL);

  EXPECT_TRUE(Eventually([&] { return std::filesystem::is_empty(temporary); }));
}

TEST_F(DaemonTest, ReadsDoNotWaitBehindARunningOperation) {
  const auto waiting = StartNopo({"wait", "web"});
  ASSERT_TRUE(waiting->WaitForOutput("waiting", absl::Seconds(60)));

  EXPECT_EQ(Nopo({"list", "--csv"}).out, "web\n");
  EXPECT_EQ(Nopo({"status"}).exit_code, 0);
}

TEST_F(DaemonTest, AStaleSocketOfADeadDaemonIsReplaced) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  ASSERT_EQ(::kill(DaemonPid(), SIGKILL), 0);

  const ProcessOutcome list = Nopo({"list", "--csv"});

  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(list.out, "web\n");
}

}  // namespace
}  // namespace nopo
