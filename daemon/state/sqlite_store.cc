#include "daemon/state/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/unique_fd.h"

namespace nopo {
namespace {

absl::StatusOr<int64_t> ReadNumber(SqliteConnection& connection, absl::string_view sql) {
  NOPO_ASSIGN_OR_RETURN(SqliteStatement statement, connection.Prepare(sql));
  NOPO_ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Number(0) : 0;
}

// DATA_LOSS unless the file holds what this release writes.
absl::Status CheckContent(SqliteConnection& connection, int64_t schema_version) {
  NOPO_ASSIGN_OR_RETURN(SqliteStatement check, connection.Prepare("PRAGMA quick_check(1)"));
  NOPO_RETURN_IF_ERROR(check.Step().status());
  if (check.Text(0) != "ok") return absl::DataLossError(check.Text(0));
  NOPO_ASSIGN_OR_RETURN(const int64_t tables,
                        ReadNumber(connection, "SELECT count(*) FROM sqlite_schema"));
  NOPO_ASSIGN_OR_RETURN(const int64_t version, ReadNumber(connection, "PRAGMA user_version"));
  if (version == schema_version || (version == 0 && tables == 0)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("schema ", version, " is not ", schema_version));
}

absl::StatusOr<SqliteConnection> OpenChecked(const std::filesystem::path& file,
                                             const SqliteSchema& schema) {
  NOPO_ASSIGN_OR_RETURN(SqliteConnection connection, SqliteConnection::Open(file));
  // One transaction, so that of two processes that create the file the second finds it whole.
  NOPO_RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  NOPO_RETURN_IF_ERROR(CheckContent(connection, schema.version));
  NOPO_RETURN_IF_ERROR(connection.Execute(
      absl::StrCat(schema.create_tables, "PRAGMA user_version = ", schema.version, "; COMMIT;")));
  return connection;
}

// Lets one process at a time open the file: SQLite does not wait for another that is just turning
// on the write-ahead log, and setting a file aside must not hit the one that replaced it.
absl::StatusOr<UniqueFd> LockForOpening(const std::filesystem::path& file) {
  UniqueFd lock(open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid() || flock(lock.get(), LOCK_EX) != 0) {
    return absl::PermissionDeniedError(absl::StrCat("cannot be locked: ", std::strerror(errno)));
  }
  return lock;
}

// Moves the file out of the way. What SQLite keeps beside it belongs to it and would be applied to
// the new file.
absl::Status SetAside(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::rename(file, file.string() + ".set-aside", error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat("cannot be set aside: ", error.message()));
  }
  for (const char* suffix : {"-wal", "-shm"}) {
    std::filesystem::remove(file.string() + suffix, error);
  }
  return absl::OkStatus();
}

absl::StatusOr<SqliteConnection> OpenOrReplace(const std::filesystem::path& file,
                                               const SqliteSchema& schema) {
  NOPO_ASSIGN_OR_RETURN(const UniqueFd lock, LockForOpening(file));
  absl::StatusOr<SqliteConnection> connection = OpenChecked(file, schema);
  if (!absl::IsDataLoss(connection.status())) return connection;
  NOPO_RETURN_IF_ERROR(SetAside(file));
  return OpenChecked(file, schema);
}

}  // namespace

absl::StatusOr<SqliteConnection> OpenStore(const std::filesystem::path& file,
                                           const SqliteSchema& schema) {
  absl::StatusOr<SqliteConnection> connection = OpenOrReplace(file, schema);
  if (!connection.ok()) return WithPrefix(connection.status(), absl::StrCat(file.string(), ": "));
  return connection;
}

}  // namespace nopo
