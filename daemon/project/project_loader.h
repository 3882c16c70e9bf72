// Finds and reads a project's nopo.yml files.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/file_stamp.h"
#include "daemon/project/project.h"

namespace nopo {

// What one target's directory says, whatever the rest of the project is like.
struct TargetReading {
  Target target;
  Diagnostics diagnostics;
  std::vector<FileStamp> inputs;  // What was read or looked for.
  absl::Time read_at;
};

struct LoadedProject {
  std::shared_ptr<const Project> project;
  // Every file read (or looked for) and every directory listed: enough to tell, without parsing,
  // whether it would be loaded the same today.
  std::vector<FileStamp> inputs;
  // By directory: what the next load need not read again.
  std::map<std::filesystem::path, std::shared_ptr<const TargetReading>> targets;
};

// The root of the project that `working_dir` belongs to: the nearest ancestor whose nopo.yml has a
// `services` key, else the topmost nopo.yml found. `override_dir` (--project, ROOT_DIR), when not
// empty, must hold a nopo.yml and wins.
//
// Errors (reason CONFIGURATION): NOT_FOUND, naming where it looked and how to start a project.
absl::StatusOr<std::filesystem::path> FindProjectRoot(const std::filesystem::path& working_dir,
                                                      const std::filesystem::path& override_dir);

// Reads, defaults and validates everything under `root`. Targets whose files are still those of
// `previous`, an earlier load of the same root, are taken from there. `looked_at`, if there is one,
// gets what LoadedProject::inputs has, also when the load fails.
//
// Errors (reason CONFIGURATION, or PERMISSION for an unreadable file): INVALID_ARGUMENT whose
// message has one line "file:line:column: key.path: what was found; what is accepted" for each
// mistake in all files (the first hundred of them); PERMISSION_DENIED when a file or directory may
// not be read.
absl::StatusOr<LoadedProject> LoadProject(const std::filesystem::path& root,
                                          const LoadedProject* previous = nullptr,
                                          std::vector<FileStamp>* looked_at = nullptr);

}  // namespace nopo
