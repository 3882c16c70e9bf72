#include "daemon/operations/file_states.h"

#include <system_error>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

std::string NameFrom(const std::filesystem::path& root, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(root);
  const bool is_inside = !relative.empty() && *relative.begin() != "..";
  return is_inside ? relative.string() : path.string();
}

}  // namespace

FileStates StatesOf(const std::vector<FileStamp>& stamps) {
  FileStates states;
  for (const FileStamp& stamp : stamps) {
    if (stamp.exists && !stamp.is_directory) states.try_emplace(stamp.path, stamp);
  }
  return states;
}

std::set<std::filesystem::path> DirectoriesToWatch(const std::vector<FileStamp>& stamps) {
  std::set<std::filesystem::path> directories;
  for (const FileStamp& stamp : stamps) {
    directories.insert(stamp.is_directory ? stamp.path : stamp.path.parent_path());
    // A link's own directory does not tell of a write to what it leads to.
    std::error_code error;
    if (!std::filesystem::is_symlink(stamp.path, error)) continue;
    const std::filesystem::path real = std::filesystem::weakly_canonical(stamp.path, error);
    if (!error) directories.insert(stamp.is_directory ? real : real.parent_path());
  }
  return directories;
}

std::vector<std::filesystem::path> ChangedFiles(const FileStates& before, const FileStates& after) {
  std::set<std::filesystem::path> changed;
  for (const auto& [path, stamp] : after) {
    const auto old = before.find(path);
    if (old == before.end() || old->second != stamp) changed.insert(path);
  }
  for (const auto& [path, stamp] : before) {
    if (!after.contains(path)) changed.insert(path);
  }
  return {changed.begin(), changed.end()};
}

std::string ChangedText(const std::set<std::filesystem::path>& paths,
                        const std::filesystem::path& root) {
  std::string text = absl::StrCat("changed: ", NameFrom(root, *paths.begin()));
  if (paths.size() > 1) absl::StrAppend(&text, " and ", paths.size() - 1, " more");
  return text;
}

}  // namespace nopo
