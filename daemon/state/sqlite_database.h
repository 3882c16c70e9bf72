// The little of SQLite that nopo needs, with Status for errors. Only .cc files of this folder
// include it.
//
// Not thread-safe: whoever owns a connection locks around it and its statements.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nopo {

// A prepared statement; must be destroyed before its connection.
class SqliteStatement {
 public:
  // Parameters count from 1 and keep their values until bound again.
  SqliteStatement& Bind(int parameter, absl::string_view value);
  SqliteStatement& Bind(int parameter, int64_t value);

  // True when there is a row to read, false at the end.
  absl::StatusOr<bool> Step();
  // Runs to the end, ignoring rows, and rewinds.
  absl::Status Run();
  // Ends reading, so that the statement may be bound and stepped again.
  void Rewind();

  // Of the row that Step reached; columns count from 0.
  std::string Text(int column) const;
  int64_t Number(int column) const;

 private:
  friend class SqliteConnection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// Errors of all methods: DATA_LOSS when the file is damaged or no database, UNAVAILABLE when
// another process kept it locked for 5 s, PERMISSION_DENIED, INTERNAL.
class SqliteConnection {
 public:
  // Opens or creates `file`, shared with other processes: readers do not wait for a writer.
  static absl::StatusOr<SqliteConnection> Open(const std::filesystem::path& file);

  absl::Status Execute(const std::string& sql);
  absl::StatusOr<SqliteStatement> Prepare(absl::string_view sql);

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  explicit SqliteConnection(sqlite3* connection) : connection_(connection) {}
  std::unique_ptr<sqlite3, Closer> connection_;
};

}  // namespace nopo
