#include "daemon/state/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

constexpr char kScope[] = "/home/me/shop\nunix:///var/run/docker.sock";

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "nopo-ledger-XXXXXX").string();
    dir_ = mkdtemp(name.data());
  }
  ~LedgerTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path file() const { return dir_ / "ledger.db"; }

  std::unique_ptr<Ledger> Open() const {
    absl::StatusOr<std::unique_ptr<Ledger>> ledger = Ledger::Open(file());
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return *std::move(ledger);
  }

  void Execute(const std::string& sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(connection);
  }

  std::filesystem::path dir_;
};

BuildRecord RecordOf(const std::string& fingerprint, int64_t second = 1) {
  return {fingerprint, "sha256:" + fingerprint, absl::FromUnixSeconds(second)};
}

// "fingerprint -> result at second", or why there is none.
std::string Found(Ledger& ledger, const std::string& task, const std::string& scope = kScope) {
  const absl::StatusOr<std::optional<BuildRecord>> found = ledger.FindBuild(scope, task);
  if (!found.ok()) return found.status().ToString();
  if (!found->has_value()) return "nothing";
  const BuildRecord& record = **found;
  return absl::StrCat(record.fingerprint, " -> ", record.result, " at ",
                      absl::ToUnixSeconds(record.built_at));
}

TEST_F(LedgerTest, KnowsNothingAtFirst) { EXPECT_EQ(Found(*Open(), "web:build"), "nothing"); }

TEST_F(LedgerTest, FindsWhatWasRecordedAlsoAfterARestart) {
  ASSERT_TRUE(Open()->RecordBuild(kScope, "web:build", RecordOf("aa", 7)).ok());

  EXPECT_EQ(Found(*Open(), "web:build"), "aa -> sha256:aa at 7");
}

TEST_F(LedgerTest, KeepsTheLastRecordOfATask) {
  const std::unique_ptr<Ledger> ledger = Open();
  ASSERT_TRUE(ledger->RecordBuild(kScope, "web:build", RecordOf("aa", 1)).ok());
  ASSERT_TRUE(ledger->RecordBuild(kScope, "web:build", RecordOf("bb", 2)).ok());

  EXPECT_EQ(Found(*ledger, "web:build"), "bb -> sha256:bb at 2");
}

TEST_F(LedgerTest, TellsScopesAndTasksApart) {
  const std::unique_ptr<Ledger> ledger = Open();
  ASSERT_TRUE(ledger->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());

  EXPECT_EQ(Found(*ledger, "api:build"), "nothing");
  EXPECT_EQ(Found(*ledger, "web:build", "/elsewhere"), "nothing");
}

TEST_F(LedgerTest, ForgetsOneTask) {
  const std::unique_ptr<Ledger> ledger = Open();
  ASSERT_TRUE(ledger->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());
  ASSERT_TRUE(ledger->RecordBuild(kScope, "api:build", RecordOf("bb")).ok());

  ASSERT_TRUE(ledger->ForgetBuild(kScope, "web:build").ok());

  EXPECT_EQ(Found(*ledger, "web:build"), "nothing");
  EXPECT_EQ(Found(*ledger, "api:build"), "bb -> sha256:bb at 1");
}

TEST_F(LedgerTest, KeepsTextOfAnyKind) {
  const std::unique_ptr<Ledger> ledger = Open();
  const std::string odd("'; DROP\0TABLE \xff", 15);
  ASSERT_TRUE(ledger->RecordBuild(odd, odd, {odd, odd, absl::UnixEpoch()}).ok());

  EXPECT_EQ(ledger->FindBuild(odd, odd)->value().result, odd);
}

TEST_F(LedgerTest, IsSharedByTwoOpeners) {
  const std::unique_ptr<Ledger> one = Open();
  const std::unique_ptr<Ledger> other = Open();
  ASSERT_TRUE(one->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());
  ASSERT_TRUE(other->RecordBuild(kScope, "api:build", RecordOf("bb")).ok());

  EXPECT_EQ(Found(*other, "web:build"), "aa -> sha256:aa at 1");
  EXPECT_EQ(Found(*one, "api:build"), "bb -> sha256:bb at 1");
}

TEST_F(LedgerTest, IsCreatedOnceByOpenersAtOnce) {
  std::vector<absl::Status> outcomes(8);
  std::vector<std::thread> openers;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    openers.emplace_back([&, i] {
      const auto ledger = Ledger::Open(file());
      outcomes[i] = ledger.ok() ? (*ledger)->RecordBuild(kScope, absl::StrCat(i), RecordOf("aa"))
                                : ledger.status();
    });
  }
  for (std::thread& opener : openers) opener.join();

  EXPECT_THAT(outcomes, testing::Each(absl::OkStatus()));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_NE(Found(*Open(), absl::StrCat(i)), "nothing") << i;
  }
}

TEST_F(LedgerTest, IsUsedByThreadsAtOnce) {
  const std::unique_ptr<Ledger> ledger = Open();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, task = absl::StrCat(writer)] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(ledger->RecordBuild(kScope, task, RecordOf(absl::StrCat(i))).ok());
        EXPECT_EQ(Found(*ledger, task), absl::StrCat(i, " -> sha256:", i, " at 1"));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
}

TEST_F(LedgerTest, SetsAsideAFileThatIsNoDatabase) {
  std::ofstream(file()) << "certainly no database, and long enough to have a header of one\n";

  const std::unique_ptr<Ledger> ledger = Open();

  EXPECT_TRUE(ledger->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());
  EXPECT_EQ(Found(*Open(), "web:build"), "aa -> sha256:aa at 1");
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".set-aside"));
}

TEST_F(LedgerTest, SetsAsideADamagedDatabase) {
  {
    const std::unique_ptr<Ledger> ledger = Open();
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(ledger->RecordBuild(kScope, absl::StrCat(i), RecordOf("aa")).ok());
    }
  }
  std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(4096);  // Behind the header page: the tables' own pages.
  stream << std::string(std::filesystem::file_size(file()) - 4096, 'x');
  stream.close();

  EXPECT_EQ(Found(*Open(), "7"), "nothing");
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".set-aside"));
}

TEST_F(LedgerTest, SetsAsideTheDatabaseOfAnotherRelease) {
  ASSERT_TRUE(Open()->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());
  Execute("PRAGMA user_version = 99");

  EXPECT_EQ(Found(*Open(), "web:build"), "nothing");
}

TEST_F(LedgerTest, SetsAsideADatabaseThatIsNoLedger) {
  Execute("CREATE TABLE builds (something INTEGER)");

  EXPECT_EQ(Found(*Open(), "web:build"), "nothing");
}

TEST_F(LedgerTest, BeginsAnewWhenTheFileIsRemoved) {
  ASSERT_TRUE(Open()->RecordBuild(kScope, "web:build", RecordOf("aa")).ok());
  std::filesystem::remove(file());

  EXPECT_EQ(Found(*Open(), "web:build"), "nothing");
}

TEST_F(LedgerTest, SaysWhichFileCannotBeOpened) {
  const auto ledger = Ledger::Open(dir_ / "missing" / "ledger.db");

  EXPECT_EQ(ledger.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(ledger.status().message()), testing::HasSubstr("missing/ledger.db"));
}

TEST_F(LedgerTest, DropsTheOldestRecordsBeyondTenThousand) {
  Open();
  Execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10003) "
      "INSERT INTO builds SELECT 's', 'task' || i, 'f', 'r', i FROM n");

  const std::unique_ptr<Ledger> ledger = Open();

  EXPECT_EQ(Found(*ledger, "task3", "s"), "nothing");
  EXPECT_EQ(Found(*ledger, "task4", "s"), "f -> r at 0");
}

}  // namespace
}  // namespace nopo
