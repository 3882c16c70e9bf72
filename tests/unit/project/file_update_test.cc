#include "daemon/project/file_update.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

class FileUpdateTest : public ::testing::Test {
 protected:
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(files_.root() / name).rdbuf();
    return text.str();
  }
  struct stat Stat(const std::string& name) const {
    struct stat status {};
    ::stat((files_.root() / name).c_str(), &status);
    return status;
  }
  absl::Status Update(const std::string& name, const TextChange& change, mode_t umask = 022) {
    return UpdateTextFile(files_.root() / name, umask, change, never_);
  }
  static TextChange Append(const std::string& more) {
    return [more](const std::string& text) { return text + more; };
  }
  // Nothing but what is listed lies in the directory.
  int FileCount() const {
    const std::filesystem::directory_iterator all(files_.root());
    return static_cast<int>(std::distance(begin(all), end(all)));
  }

  TemporaryProject files_;
  const Cancellation never_;
};

TEST_F(FileUpdateTest, MakesAFileWithTheCallersUmask) {
  ASSERT_TRUE(Update("new", Append("a"), 027).ok());

  EXPECT_EQ(Read("new"), "a");
  EXPECT_EQ(Stat("new").st_mode & 07777, 0640);
  EXPECT_EQ(FileCount(), 1) << "no scratch file is left";
}

TEST_F(FileUpdateTest, KeepsModeAndOwner) {
  files_.Write("file", "a");
  ASSERT_EQ(::chmod((files_.root() / "file").c_str(), 0604), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown((files_.root() / "file").c_str(), 1234, 2345), 0);
  }
  const struct stat before = Stat("file");

  ASSERT_TRUE(Update("file", Append("b")).ok());

  EXPECT_EQ(Read("file"), "ab");
  EXPECT_EQ(Stat("file").st_mode, before.st_mode);
  EXPECT_EQ(Stat("file").st_uid, before.st_uid);
  EXPECT_EQ(Stat("file").st_gid, before.st_gid);
}

TEST_F(FileUpdateTest, LeavesAFileAloneThatNeedsNoChange) {
  files_.Write("file", "a");
  const struct stat before = Stat("file");

  ASSERT_TRUE(Update("file", [](const std::string&) { return std::nullopt; }).ok());

  EXPECT_EQ(Stat("file").st_ino, before.st_ino);
  EXPECT_EQ(Stat("file").st_ctim.tv_nsec, before.st_ctim.tv_nsec);
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileUpdateTest, WritesThroughLinks) {
  files_.Write("shared/real", "a");
  std::filesystem::create_symlink("shared/hop", files_.root() / "link");
  std::filesystem::create_symlink("real", files_.root() / "shared/hop");
  std::filesystem::create_symlink("shared/made", files_.root() / "dangling");

  ASSERT_TRUE(Update("link", Append("b")).ok());
  ASSERT_TRUE(Update("dangling", Append("c")).ok());

  EXPECT_TRUE(std::filesystem::is_symlink(files_.root() / "link"));
  EXPECT_TRUE(std::filesystem::is_symlink(files_.root() / "dangling"));
  EXPECT_EQ(Read("shared/real"), "ab");
  EXPECT_EQ(Read("shared/made"), "c");
}

TEST_F(FileUpdateTest, RefusesALinkThatLeadsNowhere) {
  std::filesystem::create_symlink("loop", files_.root() / "loop");

  EXPECT_FALSE(Update("loop", Append("a")).ok());
}

TEST_F(FileUpdateTest, TellsOfAFolderThatIsMissingAndOfNoPermission) {
  std::filesystem::create_symlink("nowhere/file", files_.root() / "link");

  for (const char* file : {"nowhere/file", "link"}) {
    const absl::Status status = Update(file, Append("a"));
    EXPECT_EQ(ReasonOf(status), Reason::kConfiguration) << file;
    EXPECT_EQ(status.message(), absl::StrCat("cannot be written: ", files_.root().native(),
                                             "/nowhere: No such file or directory"));
  }
}

TEST_F(FileUpdateTest, StartsAnewWhenAUserEditsMeanwhile) {
  files_.Write("file", "1\n");
  int calls = 0;
  const absl::Status status = Update("file", [&](const std::string& text) {
    // The first call is before the lock, the second under it.
    if (++calls == 2) files_.Write("file", "user\n");
    return text + "nopo\n";
  });

  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Read("file"), "user\nnopo\n");
  EXPECT_EQ(calls, 3);
}

TEST_F(FileUpdateTest, LosesNothingOfConcurrentUpdates) {
  constexpr int kThreads = 8, kUpdates = 20;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kUpdates; ++j) {
        const absl::Status status = Update("count", [](const std::string& text) {
          int count = 0;
          (void)absl::SimpleAtoi(text, &count);
          return absl::StrCat(count + 1);
        });
        EXPECT_TRUE(status.ok()) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(Read("count"), absl::StrCat(kThreads * kUpdates));
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileUpdateTest, LeavesTheOldFileWhenKilledAndGoesOnAfterIt) {
  files_.Write("file", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    int calls = 0;
    (void)Update("file", [&](const std::string&) {
      if (++calls == 2) ::kill(::getpid(), SIGKILL);
      return "new";
    });
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Read("file"), "old");

  ASSERT_TRUE(Update("file", Append(" and new")).ok());

  EXPECT_EQ(Read("file"), "old and new");
  EXPECT_EQ(FileCount(), 1) << "what the dead one left is used up";
}

TEST_F(FileUpdateTest, EndsWaitingWhenCancelled) {
  files_.Write("file.nopo~", "");
  const UniqueFd other(::open((files_.root() / "file.nopo~").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  Cancellation cancellation;

  const absl::Status status = UpdateTextFile(
      files_.root() / "file", 022,
      [&](const std::string&) {
        cancellation.Cancel();
        return "new";
      },
      cancellation);

  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_EQ(Read("file"), "");
}

TEST_F(FileUpdateTest, FollowsNoLinkThatWasPutInItsWay) {
  files_.Write("victim", "precious");
  std::filesystem::create_symlink("victim", files_.root() / "file.nopo~");

  const absl::Status status = Update("file", Append("a"));

  EXPECT_EQ(ReasonOf(status), Reason::kConfiguration) << status;
  EXPECT_EQ(Read("victim"), "precious");
}

TEST_F(FileUpdateTest, PassesOnTheErrorOfTheChange) {
  files_.Write("file", "a");

  const absl::Status status =
      Update("file", [](const std::string&) -> absl::StatusOr<std::optional<std::string>> {
        return absl::InvalidArgumentError("no good");
      });

  EXPECT_EQ(status.message(), "no good");
  EXPECT_EQ(Read("file"), "a");
}

TEST_F(FileUpdateTest, TellsWhereItMayNotWrite) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing keeps root out";
  files_.Write("locked/file", "a").Write("protected", "a");
  ASSERT_EQ(::chmod((files_.root() / "locked").c_str(), 0500), 0);
  ASSERT_EQ(::chmod((files_.root() / "protected").c_str(), 0400), 0);
  EXPECT_EQ(ReasonOf(Update("locked/file", Append("b"))), Reason::kPermission);
  EXPECT_EQ(ReasonOf(Update("protected", Append("b"))), Reason::kPermission);
  EXPECT_EQ(Read("protected"), "a");
  ::chmod((files_.root() / "locked").c_str(), 0700);
}

}  // namespace
}  // namespace nopo
