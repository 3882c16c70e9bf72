// Finds the directories that hold targets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/project/diagnostics.h"
#include "daemon/project/project_files.h"

namespace nopo {

inline constexpr char kConfigFileName[] = "nopo.yml";

// One entry of `services.dirs`.
struct ServicesDirPattern {
  std::string text;  // "./libs/*", "!./libs/old"
  std::string key;   // "services.dirs[1]"
  SourceLocation location;
  bool may_be_missing = false;  // The default may.
  bool IsExclusion() const { return text.starts_with("!"); }
};

struct TargetDirs {
  std::vector<std::filesystem::path> services_dirs;  // In the order of the patterns, then by name.
  std::vector<std::filesystem::path> targets;        // Their children with a nopo.yml, sorted.
};

// Expands `patterns`. A literal directory that does not exist, one that can't be listed and a
// pattern that leads out of the project are reported.
TargetDirs FindTargetDirs(const std::vector<ServicesDirPattern>& patterns, ProjectFiles& files,
                          Diagnostics& diagnostics);

}  // namespace nopo
