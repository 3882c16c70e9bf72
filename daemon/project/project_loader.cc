#include "daemon/project/project_loader.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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

using TargetReadings = std::map<std::filesystem::path, std::shared_ptr<const TargetReading>>;

std::shared_ptr<const TargetReading> ReadTargetIn(const std::filesystem::path& dir,
                                                  const std::filesystem::path& root) {
  auto reading = std::make_shared<TargetReading>();
  reading->read_at = absl::Now();
  ProjectFiles files(root);
  const std::filesystem::path path = dir / kConfigFileName;
  const std::string file = files.RelativeName(path);
  Diagnostics& diagnostics = reading->diagnostics;
  const auto document = ReadDocument(path, file, files, diagnostics);
  reading->target = document.has_value()
                        ? ReadTarget(ConfigValue(document->root(), file, diagnostics), dir, files)
                        : UnreadTarget(dir, file);
  reading->inputs = files.TakeStamps();
  return reading;
}

TargetReadings ReadTargets(const std::vector<std::filesystem::path>& dirs,
                           const std::filesystem::path& root, const LoadedProject* previous) {
  TargetReadings readings;
  for (const std::filesystem::path& dir : dirs) {
    if (previous != nullptr) {
      const auto known = previous->targets.find(dir);
      if (known != previous->targets.end() &&
          AreCurrent(known->second->inputs, known->second->read_at)) {
        readings.emplace(dir, known->second);
        continue;
      }
    }
    readings.emplace(dir, ReadTargetIn(dir, root));
  }
  return readings;
}

// Whoever has one expects its services.
void WarnOfComposeFile(ProjectFiles& files, Diagnostics& diagnostics) {
  for (const char* name :
       {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}) {
    if (!files.IsFile(files.root() / name)) continue;
    diagnostics.AddWarning({name}, "",
                           "Compose files are not read; expected what a service needs under "
                           "`compose:` in its nopo.yml");
  }
}

}  // namespace

absl::StatusOr<LoadedProject> LoadProject(const std::filesystem::path& root,
                                          const LoadedProject* previous,
                                          std::vector<FileStamp>* looked_at) {
  ProjectFiles files(root);
  Diagnostics diagnostics;
  const std::string file = kConfigFileName;
  const auto document = ReadDocument(root / file, file, files, diagnostics);
  // Without the root file nothing says where the others are.
  if (!document.has_value()) {
    if (looked_at != nullptr) *looked_at = files.TakeStamps();
    return diagnostics.ToStatus();
  }

  std::vector<ServicesDirPattern> patterns;
  Project project = ReadRoot(ConfigValue(document->root(), file, diagnostics), files, patterns);
  WarnOfComposeFile(files, diagnostics);
  TargetDirs dirs = FindTargetDirs(patterns, files, diagnostics);
  project.services_dirs = std::move(dirs.services_dirs);
  LoadedProject loaded{.inputs = files.TakeStamps(),
                       .targets = ReadTargets(dirs.targets, root, previous)};
  project.targets.reserve(loaded.targets.size());
  for (const auto& [dir, reading] : loaded.targets) {
    project.targets.push_back(reading->target);
    diagnostics.Append(reading->diagnostics);
    loaded.inputs.insert(loaded.inputs.end(), reading->inputs.begin(), reading->inputs.end());
  }
  if (looked_at != nullptr) *looked_at = loaded.inputs;
  std::stable_sort(project.targets.begin(), project.targets.end(),
                   [](const Target& a, const Target& b) { return a.id < b.id; });
  ValidateProject(project, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  project.warnings = diagnostics.Warnings();
  loaded.project = std::make_shared<const Project>(std::move(project));
  return loaded;
}

}  // namespace nopo
