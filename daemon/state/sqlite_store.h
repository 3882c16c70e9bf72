// Files of records that may be lost: what they hold saves time or tells of the past.
#pragma once

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/state/sqlite_database.h"

namespace nopo {

struct SqliteSchema {
  int64_t version = 1;              // Changes with the tables.
  absl::string_view create_tables;  // Statements that do nothing when the tables exist.
};

// Opens or creates `file`, whose directory exists. One that is damaged, no database, or of another
// schema is set aside as "<file>.set-aside" and begun anew. Several processes may do so at once.
//
// Errors: PERMISSION_DENIED when the file may not be read and written; UNAVAILABLE when another
// process keeps it locked.
absl::StatusOr<SqliteConnection> OpenStore(const std::filesystem::path& file,
                                           const SqliteSchema& schema);

}  // namespace nopo
