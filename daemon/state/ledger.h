// What was built, on disk: survives the daemon, so that a restart does not forget what it may skip.
//
// A SQLite file. Thread-safe, and several processes may have it open. Losing it costs time, never
// correctness: a record is only ever a reason to skip work whose inputs are proven unchanged. A
// file that is damaged, no ledger, or another release's is set aside as "<file>.set-aside" and
// begun anew. The 10,000 latest records are kept.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

// The last good build of one task of one project on one engine.
struct BuildRecord {
  std::string fingerprint;  // Of everything that went in.
  std::string result;       // An image id, or the fingerprint of a package's outputs.
  absl::Time built_at;
};

class Ledger {
 public:
  // Opens or creates `file`; its directory exists.
  //
  // Errors: PERMISSION_DENIED when the file may not be read and written; UNAVAILABLE when another
  // process keeps it locked.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::filesystem::path& file);
  ~Ledger();

  // `scope` tells projects and engines apart ("<root>\n<engine>"), `task` is "web:build". An error
  // means that nothing is known or kept: go on without.
  absl::StatusOr<std::optional<BuildRecord>> FindBuild(absl::string_view scope,
                                                       absl::string_view task);
  absl::Status RecordBuild(absl::string_view scope, absl::string_view task,
                           const BuildRecord& record);
  absl::Status ForgetBuild(absl::string_view scope, absl::string_view task);

 private:
  class Database;
  explicit Ledger(std::unique_ptr<Database> database);
  const std::unique_ptr<Database> database_;
};

}  // namespace nopo
