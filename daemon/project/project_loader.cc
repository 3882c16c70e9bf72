#include "daemon/project/project_loader.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/project/config_value.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/project_files.h"
#include "daemon/project/project_validator.h"
#include "daemon/project/root_reader.h"
#include "daemon/project/services_dirs.h"
#include "daemon/project/target_reader.h"
#include "daemon/project/yaml_document.h"

namespace nopo {
namespace {

std::optional<YamlDocument> ReadDocument(const std::filesystem::path& path, const std::string& file,
                                         ProjectFiles& files, Diagnostics& diagnostics) {
  const absl::StatusOr<std::string> text = files.Read(path);
  if (text.ok()) return YamlDocument::Parse(*text, file, diagnostics);
  std::error_code error;
  if (absl::IsPermissionDenied(text.status())) {
    diagnostics.AddUnreadable({file}, text.status().message());
  } else if (absl::IsNotFound(text.status()) && std::filesystem::is_symlink(path, error)) {
    diagnostics.AddError({file}, "", "found a link to nothing; expected a regular file");
  } else {
    diagnostics.AddError({file}, "", text.status().message());
  }
  return std::nullopt;
}

// A target whose file does not parse still has its name: others may depend on it.
Target UnreadTarget(const std::filesystem::path& dir, const std::string& file) {
  Target target;
  target.id = target.name = dir.filename().native();
  target.dir = dir;
  target.location = {file};
  return target;
}

std::vector<Target> ReadTargets(const std::vector<std::filesystem::path>& dirs, ProjectFiles& files,
                                Diagnostics& diagnostics) {
  std::vector<Target> targets;
  targets.reserve(dirs.size());
  for (const std::filesystem::path& dir : dirs) {
    const std::filesystem::path path = dir / kConfigFileName;
    const std::string file = files.RelativeName(path);
    const auto document = ReadDocument(path, file, files, diagnostics);
    targets.push_back(document.has_value()
                          ? ReadTarget(ConfigValue(document->root(), file, diagnostics), dir, files)
                          : UnreadTarget(dir, file));
  }
  std::stable_sort(targets.begin(), targets.end(),
                   [](const Target& a, const Target& b) { return a.id < b.id; });
  return targets;
}

}  // namespace

absl::StatusOr<LoadedProject> LoadProject(const std::filesystem::path& root) {
  ProjectFiles files(root);
  Diagnostics diagnostics;
  const std::string file = kConfigFileName;
  const auto document = ReadDocument(root / file, file, files, diagnostics);
  // Without the root file nothing says where the others are.
  if (!document.has_value()) return diagnostics.ToStatus();

  std::vector<ServicesDirPattern> patterns;
  Project project = ReadRoot(ConfigValue(document->root(), file, diagnostics), files, patterns);
  TargetDirs dirs = FindTargetDirs(patterns, files, diagnostics);
  project.services_dirs = std::move(dirs.services_dirs);
  project.targets = ReadTargets(dirs.targets, files, diagnostics);
  ValidateProject(project, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  project.warnings = diagnostics.Warnings();
  return LoadedProject{std::make_shared<const Project>(std::move(project)), files.TakeStamps()};
}

}  // namespace nopo
