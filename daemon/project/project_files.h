// The view of a project's files that one load takes, which notes everything it looked at.
//
// Not thread-safe: one for each load.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/file_stamp.h"

namespace nopo {

class ProjectFiles {
 public:
  // `root` is absolute and normal.
  explicit ProjectFiles(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  // `path` as messages show it: from the root where it is inside, "." for the root.
  std::string RelativeName(const std::filesystem::path& path) const;

  // A file or directory (links followed), or its absence.
  const FileStamp& Look(const std::filesystem::path& path);
  // Also says kPresent to a link that leads nowhere: a file that somebody meant to be there.
  enum class Presence { kAbsent, kPresent, kHidden /* its directory may not be entered */ };
  Presence LookFor(const std::filesystem::path& path);
  bool IsFile(const std::filesystem::path& path);
  bool IsDirectory(const std::filesystem::path& path);
  // See ReadTextFile. The stamp is taken first: an edit in between shows up as a difference.
  absl::StatusOr<std::string> Read(const std::filesystem::path& path);
  // Names of the directories in `dir`, sorted, without links, `.git` and `node_modules`.
  // Errors: PERMISSION_DENIED or INVALID_ARGUMENT, saying what is wrong but not where.
  absl::StatusOr<std::vector<std::string>> ListDirectories(const std::filesystem::path& dir);

  // Everything looked at so far; leaves this empty.
  std::vector<FileStamp> TakeStamps() { return std::move(stamps_); }

 private:
  std::filesystem::path root_;
  std::vector<FileStamp> stamps_;
};

}  // namespace nopo
