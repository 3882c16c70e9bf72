#include "daemon/state/sqlite_database.h"

#include <sqlite3.h>

#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr int kBusyTimeoutMs = 5000;

absl::StatusCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xff) {  // The rest tells kinds of one error apart.
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* connection) {
  return absl::Status(CodeOf(sqlite3_extended_errcode(connection)), sqlite3_errmsg(connection));
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement& SqliteStatement::Bind(int parameter, absl::string_view value) {
  sqlite3_bind_text(statement_.get(), parameter, value.data(), static_cast<int>(value.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return ErrorOf(sqlite3_db_handle(statement_.get()));
}

absl::Status SqliteStatement::Run() {
  absl::StatusOr<bool> row = Step();
  while (row.ok() && *row) row = Step();
  Rewind();
  return row.status();
}

void SqliteStatement::Rewind() { sqlite3_reset(statement_.get()); }

std::string SqliteStatement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return "";
  return std::string(text, sqlite3_column_bytes(statement_.get(), column));
}

int64_t SqliteStatement::Number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

void SqliteConnection::Closer::operator()(sqlite3* connection) const { sqlite3_close(connection); }

absl::StatusOr<SqliteConnection> SqliteConnection::Open(const std::filesystem::path& file) {
  sqlite3* raw = nullptr;
  // The owner serialises its calls, so SQLite's own mutexes would be paid for nothing.
  const int code =
      sqlite3_open_v2(file.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteConnection connection(raw);  // There to be closed even when opening failed.
  if (code != SQLITE_OK) return ErrorOf(raw);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  // With a write-ahead log, NORMAL may lose the last records in a power cut but damages nothing.
  NOPO_RETURN_IF_ERROR(
      connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"));
  return connection;
}

absl::Status SqliteConnection::Execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return ErrorOf(connection_.get());
}

absl::StatusOr<SqliteStatement> SqliteConnection::Prepare(absl::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return ErrorOf(connection_.get());
  }
  return SqliteStatement(statement);
}

}  // namespace nopo
