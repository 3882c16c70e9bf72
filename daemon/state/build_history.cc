#include "daemon/state/build_history.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "daemon/state/sqlite_store.h"

namespace nopo {
namespace {

constexpr int kEntriesKept = 1000;  // Of each scope.
constexpr int kInputsKept = 300;    // Of all scopes.

constexpr absl::string_view kCreateTables = R"(
CREATE TABLE IF NOT EXISTS builds (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  target TEXT NOT NULL,
  tag TEXT NOT NULL,
  started INTEGER NOT NULL,   -- Nanoseconds since 1970.
  duration INTEGER NOT NULL,  -- Nanoseconds.
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  error TEXT NOT NULL,
  steps INTEGER NOT NULL,
  cached_steps INTEGER NOT NULL,
  bytes_sent INTEGER NOT NULL,
  image_bytes INTEGER NOT NULL,
  image_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS builds_by_target ON builds (scope, target);
CREATE TABLE IF NOT EXISTS inputs (
  id INTEGER PRIMARY KEY,  -- Grows with each replacement: the age.
  scope TEXT NOT NULL,
  task TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  inputs TEXT NOT NULL,
  UNIQUE (scope, task)
);
)";

BuildHistoryEntry EntryFrom(const SqliteStatement& row) {
  return {.target = row.Text(0),
          .tag = row.Text(1),
          .started = absl::FromUnixNanos(row.Number(2)),
          .duration = absl::Nanoseconds(row.Number(3)),
          .outcome = row.Text(4),
          .reason = row.Text(5),
          .error = row.Text(6),
          .steps = static_cast<int>(row.Number(7)),
          .cached_steps = static_cast<int>(row.Number(8)),
          .bytes_sent = row.Number(9),
          .image_bytes = row.Number(10),
          .image_id = row.Text(11)};
}

}  // namespace

std::string BuildOutcomeName(const absl::Status& outcome, bool cached) {
  if (absl::IsCancelled(outcome)) return "cancelled";
  if (!outcome.ok()) return "failed";
  return cached ? "cached" : "built";
}

// The open file. Statements are prepared where they are used: builds take far longer.
class BuildHistory::Database {
 public:
  explicit Database(SqliteConnection connection) : connection_(std::move(connection)) {}

  absl::Status Append(absl::string_view scope, const BuildHistoryEntry& entry) {
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement insert,
        connection_.Prepare("INSERT INTO builds VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                            "?10, ?11, ?12, ?13)"));
    insert.Bind(1, scope).Bind(2, entry.target).Bind(3, entry.tag);
    insert.Bind(4, absl::ToUnixNanos(entry.started));
    insert.Bind(5, absl::ToInt64Nanoseconds(entry.duration));
    insert.Bind(6, entry.outcome).Bind(7, entry.reason).Bind(8, entry.error);
    insert.Bind(9, int64_t{entry.steps}).Bind(10, int64_t{entry.cached_steps});
    insert.Bind(11, entry.bytes_sent).Bind(12, entry.image_bytes).Bind(13, entry.image_id);
    NOPO_RETURN_IF_ERROR(insert.Run());
    return Prune(scope);
  }

  absl::StatusOr<std::vector<BuildHistoryEntry>> List(absl::string_view scope,
                                                      const std::set<std::string>& targets,
                                                      int limit) {
    const std::vector<std::string> marks(targets.size(), "?");
    const std::string condition =
        targets.empty() ? "" : absl::StrCat(" AND target IN (", absl::StrJoin(marks, ", "), ")");
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement select,
        connection_.Prepare(absl::StrCat(
            "SELECT target, tag, started, duration, outcome, reason, error, steps, cached_steps, "
            "bytes_sent, image_bytes, image_id FROM builds WHERE scope = ?",
            condition, " ORDER BY id DESC LIMIT ?")));
    int position = 1;
    select.Bind(position++, scope);
    for (const std::string& target : targets) select.Bind(position++, target);
    select.Bind(position, int64_t{limit});
    std::vector<BuildHistoryEntry> entries;
    while (true) {
      NOPO_ASSIGN_OR_RETURN(const bool found, select.Step());
      if (!found) return entries;
      entries.push_back(EntryFrom(select));
    }
  }

  absl::Status RecordInputs(absl::string_view scope, absl::string_view task,
                            const RecordedInputs& inputs) {
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement replace,
        connection_.Prepare("INSERT OR REPLACE INTO inputs VALUES (NULL, ?1, ?2, ?3, ?4)"));
    replace.Bind(1, scope).Bind(2, task).Bind(3, inputs.fingerprint).Bind(4, inputs.inputs);
    NOPO_RETURN_IF_ERROR(replace.Run());
    return connection_.Execute(
        absl::StrCat("DELETE FROM inputs WHERE id IN (SELECT id FROM inputs ORDER BY id DESC "
                     "LIMIT -1 OFFSET ",
                     kInputsKept, ")"));
  }

  absl::StatusOr<std::optional<RecordedInputs>> FindInputs(absl::string_view scope,
                                                           absl::string_view task) {
    NOPO_ASSIGN_OR_RETURN(SqliteStatement select,
                          connection_.Prepare("SELECT fingerprint, inputs FROM inputs "
                                              "WHERE scope = ?1 AND task = ?2"));
    NOPO_ASSIGN_OR_RETURN(const bool found, select.Bind(1, scope).Bind(2, task).Step());
    if (!found) return std::nullopt;
    return RecordedInputs{select.Text(0), select.Text(1)};
  }

 private:
  absl::Status Prune(absl::string_view scope) {
    NOPO_ASSIGN_OR_RETURN(
        SqliteStatement prune,
        connection_.Prepare("DELETE FROM builds WHERE id IN (SELECT id FROM builds "
                            "WHERE scope = ?1 ORDER BY id DESC LIMIT -1 OFFSET ?2)"));
    return prune.Bind(1, scope).Bind(2, int64_t{kEntriesKept}).Run();
  }

  SqliteConnection connection_;
};

BuildHistory::BuildHistory(std::filesystem::path file) : file_(std::move(file)) {}
BuildHistory::~BuildHistory() = default;

absl::StatusOr<BuildHistory::Database*> BuildHistory::Open() {
  if (database_ == nullptr) {
    NOPO_ASSIGN_OR_RETURN(SqliteConnection connection,
                          OpenStore(file_, {.version = 1, .create_tables = kCreateTables}));
    database_ = std::make_unique<Database>(std::move(connection));
  }
  return database_.get();
}

absl::Status BuildHistory::Append(absl::string_view scope, const BuildHistoryEntry& entry) {
  MutexLock lock(mutex_);
  NOPO_ASSIGN_OR_RETURN(Database* const database, Open());
  return database->Append(scope, entry);
}

absl::StatusOr<std::vector<BuildHistoryEntry>> BuildHistory::List(
    absl::string_view scope, const std::set<std::string>& targets, int limit) {
  MutexLock lock(mutex_);
  NOPO_ASSIGN_OR_RETURN(Database* const database, Open());
  return database->List(scope, targets, limit);
}

absl::Status BuildHistory::RecordInputs(absl::string_view scope, absl::string_view task,
                                        const RecordedInputs& inputs) {
  MutexLock lock(mutex_);
  NOPO_ASSIGN_OR_RETURN(Database* const database, Open());
  return database->RecordInputs(scope, task, inputs);
}

absl::StatusOr<std::optional<RecordedInputs>> BuildHistory::FindInputs(absl::string_view scope,
                                                                       absl::string_view task) {
  MutexLock lock(mutex_);
  NOPO_ASSIGN_OR_RETURN(Database* const database, Open());
  return database->FindInputs(scope, task);
}

}  // namespace nopo
