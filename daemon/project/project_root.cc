// FindProjectRoot: which directory is the project's root.
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/project_loader.h"
#include "daemon/project/services_dirs.h"
#include "daemon/project/text_file.h"
#include "daemon/project/yaml_document.h"

namespace nopo {
namespace {

constexpr char kStartHint[] =
    "a project starts with a nopo.yml such as 'name: shop'; --project DIR names another directory";

// Absolute, normal and without a slash at the end.
std::filesystem::path Normal(const std::filesystem::path& path) {
  std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() || normal == normal.root_path() ? normal : normal.parent_path();
}

// What is there but cannot be read counts: better an error than another project.
bool Exists(const std::filesystem::path& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 || errno == EACCES;
}

// A file that does not parse is judged by its lines: better the right project with an error than
// another project.
bool HasServicesKey(const std::filesystem::path& path) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return false;
  Diagnostics unused;
  if (const auto document = YamlDocument::Parse(*text, path.native(), unused)) {
    return document->root().Find("services") != nullptr;
  }
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (absl::StartsWith(line, "services:")) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::filesystem::path> FindProjectRoot(const std::filesystem::path& working_dir,
                                                      const std::filesystem::path& override_dir) {
  if (!override_dir.empty()) {
    const std::filesystem::path root = Normal(working_dir / override_dir);
    if (Exists(root / kConfigFileName)) return root;
    return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                     absl::StrCat("no project: ", root.native(), " has no nopo.yml"), {kStartHint});
  }
  std::filesystem::path topmost;
  for (std::filesystem::path dir = Normal(working_dir);; dir = dir.parent_path()) {
    const std::filesystem::path file = dir / kConfigFileName;
    if (Exists(file)) {
      if (HasServicesKey(file)) return dir;
      topmost = dir;
    }
    if (dir == dir.root_path() || dir.empty()) break;
  }
  if (!topmost.empty()) return topmost;
  return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                   absl::StrCat("no project: neither ", Normal(working_dir).native(),
                                " nor a directory above it has a nopo.yml"),
                   {kStartHint});
}

}  // namespace nopo
