#include "daemon/project/project_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/project/text_file.h"

namespace nopo {

std::string ProjectFiles::RelativeName(const std::filesystem::path& path) const {
  if (path == root_) return ".";
  const std::string prefix = root_ == "/" ? "/" : absl::StrCat(root_.native(), "/");
  const std::string& name = path.native();
  return absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name;
}

const FileStamp& ProjectFiles::Look(const std::filesystem::path& path) {
  return stamps_.emplace_back(StampOf(path));
}

ProjectFiles::Presence ProjectFiles::LookFor(const std::filesystem::path& path) {
  struct stat status;
  if (Look(path).exists || ::lstat(path.c_str(), &status) == 0) return Presence::kPresent;
  return errno == EACCES ? Presence::kHidden : Presence::kAbsent;
}

bool ProjectFiles::IsFile(const std::filesystem::path& path) {
  const FileStamp& stamp = Look(path);
  return stamp.exists && !stamp.is_directory;
}

bool ProjectFiles::IsDirectory(const std::filesystem::path& path) {
  return Look(path).is_directory;
}

absl::StatusOr<std::string> ProjectFiles::Read(const std::filesystem::path& path) {
  Look(path);
  return ReadTextFile(path);
}

absl::StatusOr<std::vector<std::string>> ProjectFiles::ListDirectories(
    const std::filesystem::path& dir) {
  Look(dir);
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(dir, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;  // Gone since it was listed: no directory.
    if (it->is_symlink(ignored) || !it->is_directory(ignored)) continue;
    std::string name = it->path().filename().native();
    if (name != ".git" && name != "node_modules") names.push_back(std::move(name));
  }
  if (error == std::errc::permission_denied) {
    return absl::PermissionDeniedError("cannot be listed: permission denied");
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot be listed: ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace nopo
