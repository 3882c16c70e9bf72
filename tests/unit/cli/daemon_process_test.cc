#include "cli/daemon_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/error.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

EnvironmentReader Environment(const std::string& name, const std::string& value) {
  return [=](absl::string_view asked) { return asked == name ? value : std::string(); };
}

class DaemonProcessTest : public ::testing::Test {
 protected:
  DaemonProcessTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nopo-dp-XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~DaemonProcessTest() override { std::filesystem::remove_all(dir_); }

  // A shell script that stands in for nopod.
  std::filesystem::path Program(const std::string& body) {
    const std::filesystem::path program = dir_ / "nopod";
    std::ofstream(program) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program;
  }

  absl::StatusOr<Readiness> ReadinessOf(const std::string& body, bool is_private = false) {
    absl::StatusOr<DaemonProcess> process =
        SpawnDaemon(Program(body), {{"GREETING", "hi"}}, is_private);
    if (!process.ok()) return process.status();
    const auto readiness = WaitUntilReady(*process, absl::Now() + absl::Minutes(1));
    process->parent.Reset();
    ::waitpid(process->pid, nullptr, 0);
    return readiness;
  }

  std::string Contents(const std::string& name) {
    std::ifstream file(dir_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path dir_;
};

TEST_F(DaemonProcessTest, IsFoundWhereNopoDaemonSays) {
  const std::filesystem::path program = Program("");
  EXPECT_EQ(*FindDaemonProgram(Environment("NOPO_DAEMON", program)), program);
  EXPECT_EQ(ExitCodeOf(FindDaemonProgram(Environment("NOPO_DAEMON", "/nowhere")).status()),
            kExitConfiguration);
}

TEST_F(DaemonProcessTest, IsFoundOnPath) {
  const std::filesystem::path program = Program("");
  EXPECT_EQ(*FindDaemonProgram(Environment("PATH", absl::StrCat("/nowhere:", dir_.string()))),
            program);
  EXPECT_THAT(std::string(FindDaemonProgram(Environment("PATH", "relative")).status().message()),
              HasSubstr("cannot find the program nopod"));
}

TEST_F(DaemonProcessTest, IsReadyWhenItSaysSo) {
  EXPECT_EQ(*ReadinessOf("echo >&$NOPO_READY_FD"), Readiness::kListening);
}

TEST_F(DaemonProcessTest, HasLeftWhenItEndsWithoutAWord) {
  EXPECT_EQ(*ReadinessOf("exit 0"), Readiness::kExited);
}

TEST_F(DaemonProcessTest, PassesOnWhyItCannotStart) {
  const absl::Status status = ReadinessOf("echo 'no room' >&$NOPO_READY_FD").status();
  EXPECT_EQ(status.message(), "the daemon (nopod) could not start: no room");
}

TEST_F(DaemonProcessTest, RunsApartFromItsCaller) {
  const std::string record = absl::StrCat(
      "{ pwd; echo $GREETING; readlink /proc/$$/fd/0; cut -d' ' -f6 /proc/$$/stat; echo $$; } >",
      (dir_ / "record").string(), "; echo >&$NOPO_READY_FD");
  ASSERT_EQ(*ReadinessOf(record), Readiness::kListening);
  const std::string contents = Contents("record");
  std::vector<std::string> lines = absl::StrSplit(contents, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 5);
  EXPECT_EQ(lines[0], "/");
  EXPECT_EQ(lines[1], "hi");
  EXPECT_EQ(lines[2], "/dev/null");
  EXPECT_EQ(lines[3], lines[4]) << "it leads a session of its own";
}

TEST_F(DaemonProcessTest, EndsWithItsCallerWhenItIsPrivate) {
  EXPECT_EQ(*ReadinessOf("echo >&$NOPO_READY_FD; cat <&$NOPO_PARENT_FD", true),
            Readiness::kListening);
}

TEST_F(DaemonProcessTest, IsGoneWhenItsLockIsFree) {
  const std::filesystem::path lock = dir_ / "lock";
  EXPECT_TRUE(WaitUntilUnlocked(lock, absl::ZeroDuration()).ok()) << "there is none";
  const UniqueFd held(::open(lock.c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  EXPECT_EQ(WaitUntilUnlocked(lock, absl::ZeroDuration()).code(),
            absl::StatusCode::kDeadlineExceeded);
  ::flock(held.get(), LOCK_UN);
  EXPECT_TRUE(WaitUntilUnlocked(lock, absl::ZeroDuration()).ok());
}

}  // namespace
}  // namespace nopo
