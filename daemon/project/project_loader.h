// Finds and reads a project's nopo.yml files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/project/file_stamp.h"
#include "daemon/project/project.h"

namespace nopo {

struct LoadedProject {
  std::shared_ptr<const Project> project;
  // Every file read (or looked for) and every directory listed: enough to tell, without parsing,
  // whether it would be loaded the same today.
  std::vector<FileStamp> inputs;
};

// The root of the project that `working_dir` belongs to: the nearest ancestor whose nopo.yml has a
// `services` key, else the topmost nopo.yml found. `override_dir` (--project, ROOT_DIR), when not
// empty, must hold a nopo.yml and wins.
//
// Errors (reason CONFIGURATION): NOT_FOUND, naming where it looked and how to start a project.
absl::StatusOr<std::filesystem::path> FindProjectRoot(const std::filesystem::path& working_dir,
                                                      const std::filesystem::path& override_dir);

// Reads, defaults and validates everything under `root`.
//
// Errors (reason CONFIGURATION, or PERMISSION for an unreadable file): INVALID_ARGUMENT whose
// message has one line "file:line:column: key.path: what was found; what is accepted" for each
// mistake in all files (the first hundred of them); PERMISSION_DENIED when a file or directory may
// not be read.
absl::StatusOr<LoadedProject> LoadProject(const std::filesystem::path& root);

}  // namespace nopo
