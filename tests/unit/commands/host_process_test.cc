#include "daemon/commands/host_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/unique_fd.h"
#include "tests/unit/commands/recorded_output.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HostProcessTest : public ::testing::Test {
 protected:
  HostProcessTest() : dir_(std::filesystem::path(::testing::TempDir()) / "nopo-host-XXXXXX") {
    std::string pattern = dir_.string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  ~HostProcessTest() override { std::filesystem::remove_all(dir_); }

  TaskResult Run(const std::string& line) {
    command_.run = line;
    if (command_.dir.empty()) command_.dir = dir_.string();
    return RunHostCommand("web:test", command_, output_, cancellation_, grace_);
  }

  std::filesystem::path dir_;
  HostCommand command_{.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}}};
  RecordedOutput output_;
  Cancellation cancellation_;
  absl::Duration grace_ = kStopGrace;
};

TEST_F(HostProcessTest, ReportsBothStreamsAsOutputOfTheTask) {
  const TaskResult result = Run("echo out; echo error >&2");

  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(output_.stdout_text(), "out\n");
  EXPECT_EQ(output_.stderr_text(), "error\n");
  EXPECT_EQ(output_.task(), "web:test");
  EXPECT_THAT(result.last_lines, IsEmpty());
}

TEST_F(HostProcessTest, AFailureCarriesTheExitCodeAndTheLastLines) {
  const TaskResult result = Run("seq 1 25; exit 3");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(result.status.message(), "exited with code 3");
  EXPECT_EQ(ReasonOf(result.status), Reason::kTaskFailed);
  EXPECT_EQ(ExitCodeOf(result.status), 3);
  ASSERT_THAT(result.last_lines, SizeIs(20));
  EXPECT_EQ(result.last_lines.back(), "25");
}

TEST_F(HostProcessTest, ASignalCountsFrom128) {
  EXPECT_EQ(ExitCodeOf(Run("kill -9 $$").status), 137);
}

TEST_F(HostProcessTest, AMissingProgramIsCode127WithAHint) {
  const TaskResult result = Run("nopo-has-no-such-program");

  EXPECT_EQ(ExitCodeOf(result.status), 127);
  EXPECT_THAT(HintsOf(result.status), ElementsAre(HasSubstr("not found")));
}

TEST_F(HostProcessTest, RunsInItsDirectory) {
  EXPECT_TRUE(Run("pwd -P").status.ok());

  EXPECT_EQ(output_.stdout_text(), std::filesystem::canonical(dir_).string() + "\n");
}

TEST_F(HostProcessTest, AMissingDirectoryIsAClearError) {
  command_.dir = dir_ / "absent";
  command_.dir_key = {{"apps/web/nopo.yml", 3, 8}, "commands.lint.dir"};

  const absl::Status status = Run("true").status;

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            absl::StrCat("apps/web/nopo.yml:3:8: commands.lint.dir: cannot enter its directory ",
                         command_.dir, ": No such file or directory"));
  EXPECT_EQ(ExitCodeOf(status), kExitTaskFailed);
}

TEST_F(HostProcessTest, SeesExactlyTheGivenEnvironment) {
  ::setenv("NOPO_OF_THE_DAEMON", "1", 1);
  command_.env = {{"PATH", "/usr/bin:/bin"}, {"A", "b c"}, {"EMPTY", ""}};

  EXPECT_TRUE(Run("exec env | grep -v -e ^PWD= -e ^OLDPWD= -e ^SHLVL= -e ^_= | sort").status.ok());

  EXPECT_EQ(output_.stdout_text(), "A=b c\nEMPTY=\nPATH=/usr/bin:/bin\n");
}

TEST_F(HostProcessTest, TheShellIsTheFirstOnItsOwnPath) {
  std::filesystem::create_directories(dir_ / "bin");
  std::ofstream(dir_ / "bin" / "sh") << "#!/bin/sh\necho mine \"$@\"\n";
  std::filesystem::permissions(dir_ / "bin" / "sh", std::filesystem::perms::owner_all);
  command_.env = {{"PATH", absl::StrCat("/absent::", (dir_ / "bin").string(), ":/bin")}};

  EXPECT_TRUE(Run("true").status.ok());

  EXPECT_EQ(output_.stdout_text(), "mine -c true\n");
}

TEST_F(HostProcessTest, WithoutAPathTheShellIsBinSh) {
  command_.env = {};

  EXPECT_TRUE(Run("echo here").status.ok());
}

TEST_F(HostProcessTest, ALineThatIsTooLongForTheSystemIsAClearError) {
  const absl::Status status = Run(std::string(200 << 10, 'x')).status;

  EXPECT_THAT(std::string(status.message()), HasSubstr("Argument list too long"));
}

TEST_F(HostProcessTest, StandardInputIsEmpty) {
  EXPECT_TRUE(Run("cat; echo end").status.ok());

  EXPECT_EQ(output_.stdout_text(), "end\n");
}

TEST_F(HostProcessTest, TheCallersUmaskApplies) {
  command_.umask = 027;

  EXPECT_TRUE(Run("touch file").status.ok());

  EXPECT_EQ(std::filesystem::status(dir_ / "file").permissions(),
            static_cast<std::filesystem::perms>(0640));
}

TEST_F(HostProcessTest, InheritsNoDescriptors) {
  // Not close-on-exec, as a library's may be.
  const UniqueFd leaky(::fcntl(STDERR_FILENO, F_DUPFD, 200));
  ASSERT_TRUE(leaky.valid());

  EXPECT_TRUE(Run(absl::StrCat("! test -e /proc/$$/fd/", leaky.get())).status.ok());
}

TEST_F(HostProcessTest, InheritsNoSignalDispositions) {
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);

  const TaskResult result = Run("kill -PIPE $$; echo survived");

  ::sigaction(SIGPIPE, &before, nullptr);
  EXPECT_EQ(ExitCodeOf(result.status), 128 + SIGPIPE);
}

TEST_F(HostProcessTest, LosesNothingOfALargeOutput) {
  EXPECT_TRUE(Run("head -c 3000000 /dev/zero").status.ok());

  EXPECT_EQ(output_.stdout_text().size(), 3000000u);
}

TEST_F(HostProcessTest, EndsWithItsShellAndKillsWhatIsLeftOfTheGroup) {
  // The child holds stdout open, and a lock for as long as it lives: for ever, unless it is killed.
  EXPECT_TRUE(Run("exec 9>lock; flock 9; sleep 100000 & :").status.ok());

  const UniqueFd lock(::open((dir_ / "lock").c_str(), O_RDWR));
  EXPECT_EQ(::flock(lock.get(), LOCK_EX), 0);
}

TEST_F(HostProcessTest, CancellationAsksTheWholeGroupToEnd) {
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run(
      "sh -c 'trap \"echo child cleaned up; exit\" TERM; echo ready; while :; do sleep 0.01; done'"
      " & wait");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ExitCodeOf(result.status), kExitInterrupted);
  EXPECT_THAT(output_.stdout_text(), HasSubstr("child cleaned up"));
}

TEST_F(HostProcessTest, CancellationKillsWhatDoesNotEndInTime) {
  grace_ = absl::Milliseconds(50);
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("trap '' TERM; echo ready; while :; do sleep 0.01; done");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
}

TEST_F(HostProcessTest, CancellationDoesNotWaitForAProcessThatLeftTheGroup) {
  grace_ = absl::Milliseconds(50);
  output_.WhenPrinted("ready", [this] { cancellation_.Cancel(); });

  const TaskResult result = Run("setsid sh -c 'echo $$ ready; exec sleep 100000'; wait");

  EXPECT_EQ(result.status.code(), absl::StatusCode::kCancelled);
  int pid = 0;
  ASSERT_TRUE(
      absl::SimpleAtoi(output_.stdout_text().substr(0, output_.stdout_text().find(' ')), &pid));
  EXPECT_EQ(::kill(pid, SIGKILL), 0);
}

TEST_F(HostProcessTest, ACancelledTaskDoesNotStart) {
  cancellation_.Cancel();

  EXPECT_EQ(Run("touch file").status.code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "file"));
}

TEST_F(HostProcessTest, ManyRunAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([this, &good, i] {
      const HostCommand command{
          .run = absl::StrCat("echo ", i), .dir = dir_.string(), .env = command_.env};
      RecordedOutput output;
      const TaskResult result = RunHostCommand("t", command, output, cancellation_);
      if (result.status.ok() && output.stdout_text() == absl::StrCat(i, "\n")) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(good, 16);
}

}  // namespace
}  // namespace nopo
