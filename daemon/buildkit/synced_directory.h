// The directories that a build's session serves to BuildKit by name.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/buildkit/context_walker.h"

namespace nopo {

// What BuildKit wants of a directory: patterns as in ignore_patterns.h.
struct SyncRequest {
  std::vector<std::string> follow_paths;  // Like `include`, and where links in them lead.
  std::vector<std::string> include;
  std::vector<std::string> exclude;
};

// Thread-safe: files are read while the walk goes on.
class SyncedDirectory {
 public:
  virtual ~SyncedDirectory() = default;

  // Calls `sink` for each entry wanted; see WalkContext for order and errors.
  virtual absl::Status Walk(const SyncRequest& request, EntrySink sink) const = 0;

  // Fills `buffer` with at most `limit` bytes and calls `sink`, until the file's end or `sink` says
  // false. An error means that the transfer cannot go on; its message is for people.
  virtual absl::Status Read(const std::string& path, size_t limit, std::string& buffer,
                            absl::FunctionRef<bool()> sink) const = 0;

  // Directories of equal version hold equal files.
  const std::string& version() const { return version_; }

 protected:
  explicit SyncedDirectory(std::string version) : version_(std::move(version)) {}

 private:
  const std::string version_;
};

// The selection that `request` makes in a directory, given what its follow_paths have turned out
// to mean (empty: everything, if there are any).
absl::StatusOr<PathFilter> FilterOf(const SyncRequest& request,
                                    const std::vector<std::string>& followed);

// Files without folders, made up: mode 0644 and a time that follows from the text. By time and size
// an engine decides whether it has the file already, so equal text must have an equal time, and
// another text of the same size another one.
class MemoryDirectory final : public SyncedDirectory {
 public:
  // Text by name.
  explicit MemoryDirectory(std::map<std::string, std::string> files);

  absl::Status Walk(const SyncRequest& request, EntrySink sink) const override;
  absl::Status Read(const std::string& path, size_t limit, std::string& buffer,
                    absl::FunctionRef<bool()> sink) const override;

 private:
  const std::map<std::string, std::string> files_;
};

}  // namespace nopo
