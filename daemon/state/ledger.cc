#include "daemon/state/ledger.h"

#include <utility>

#include "common/mutex.h"
#include "common/status_macros.h"
#include "daemon/state/sqlite_store.h"

namespace nopo {
namespace {

constexpr int kRecordsKept = 10'000;
// Pruning looks at the whole table, so it is not done for every record.
constexpr int kRecordsBetweenPruning = 500;

constexpr absl::string_view kCreateTables = R"(
CREATE TABLE IF NOT EXISTS builds (
  scope TEXT NOT NULL,
  task TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  result TEXT NOT NULL,
  built_at INTEGER NOT NULL,  -- Nanoseconds since 1970.
  PRIMARY KEY (scope, task)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS builds_by_age ON builds (built_at);
)";

}  // namespace

class Ledger::Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Create(SqliteConnection connection) {
    NOPO_ASSIGN_OR_RETURN(SqliteStatement find,
                          connection.Prepare("SELECT fingerprint, result, built_at FROM builds "
                                             "WHERE scope = ?1 AND task = ?2"));
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement record,
        connection.Prepare("INSERT OR REPLACE INTO builds VALUES (?1, ?2, ?3, ?4, ?5)"));
    NOPO_ASSIGN_OR_RETURN(SqliteStatement forget,
                          connection.Prepare("DELETE FROM builds WHERE scope = ?1 AND task = ?2"));
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement prune,
        connection.Prepare("DELETE FROM builds WHERE (scope, task) IN (SELECT scope, task "
                           "FROM builds ORDER BY built_at DESC LIMIT -1 OFFSET ?1)"));
    prune.Bind(1, kRecordsKept);
    NOPO_RETURN_IF_ERROR(prune.Run());
    return std::unique_ptr<Database>(new Database(std::move(connection), std::move(find),
                                                  std::move(record), std::move(forget),
                                                  std::move(prune)));
  }

  absl::StatusOr<std::optional<BuildRecord>> Find(absl::string_view scope, absl::string_view task)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    const absl::StatusOr<bool> row = find_.Bind(1, scope).Bind(2, task).Step();
    std::optional<BuildRecord> found;
    if (row.ok() && *row) {
      found = BuildRecord{find_.Text(0), find_.Text(1), absl::FromUnixNanos(find_.Number(2))};
    }
    find_.Rewind();
    if (!row.ok()) return row.status();
    return found;
  }

  absl::Status Record(absl::string_view scope, absl::string_view task, const BuildRecord& record)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    record_.Bind(1, scope).Bind(2, task).Bind(3, record.fingerprint).Bind(4, record.result);
    NOPO_RETURN_IF_ERROR(record_.Bind(5, absl::ToUnixNanos(record.built_at)).Run());
    if (++recorded_ % kRecordsBetweenPruning != 0) return absl::OkStatus();
    return prune_.Run();
  }

  absl::Status Forget(absl::string_view scope, absl::string_view task) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return forget_.Bind(1, scope).Bind(2, task).Run();
  }

 private:
  Database(SqliteConnection connection, SqliteStatement find, SqliteStatement record,
           SqliteStatement forget, SqliteStatement prune)
      : connection_(std::move(connection)),
        find_(std::move(find)),
        record_(std::move(record)),
        forget_(std::move(forget)),
        prune_(std::move(prune)) {}

  Mutex mutex_;
  SqliteConnection connection_ ABSL_GUARDED_BY(mutex_);  // Outlives its statements: stands first.
  SqliteStatement find_ ABSL_GUARDED_BY(mutex_);
  SqliteStatement record_ ABSL_GUARDED_BY(mutex_);
  SqliteStatement forget_ ABSL_GUARDED_BY(mutex_);
  SqliteStatement prune_ ABSL_GUARDED_BY(mutex_);
  int recorded_ ABSL_GUARDED_BY(mutex_) = 0;
};

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::filesystem::path& file) {
  NOPO_ASSIGN_OR_RETURN(SqliteConnection connection,
                        OpenStore(file, {.version = 1, .create_tables = kCreateTables}));
  NOPO_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                        Database::Create(std::move(connection)));
  return std::unique_ptr<Ledger>(new Ledger(std::move(database)));
}

Ledger::Ledger(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Ledger::~Ledger() = default;

absl::StatusOr<std::optional<BuildRecord>> Ledger::FindBuild(absl::string_view scope,
                                                             absl::string_view task) {
  return database_->Find(scope, task);
}

absl::Status Ledger::RecordBuild(absl::string_view scope, absl::string_view task,
                                 const BuildRecord& record) {
  return database_->Record(scope, task, record);
}

absl::Status Ledger::ForgetBuild(absl::string_view scope, absl::string_view task) {
  return database_->Forget(scope, task);
}

}  // namespace nopo
