// The variables of a project: resolved, and kept in nopo's block of its `.env`.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/project/dotenv.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

struct GitFacts;

enum class DotenvUse {
  kRead,     // Resolve with what the file says.
  kPreview,  // As kWrite, but leave the file as it is.
  kWrite,    // Choose what is still to be chosen, and bring the block up to date.
};

struct EnvironmentOptions {
  DotenvUse use = DotenvUse::kRead;
  bool forget = false;  // Don't read nopo's block: what persists is computed anew.
  mode_t umask = 022;   // For a new file.
};

struct ProjectEnvironment {
  std::filesystem::path file;  // Absolute; need not exist.
  Dotenv dotenv;               // As the file is now (with kPreview: as it would be).
  ImageNames names;            // names.managed: the managed keys, effective values.
  EnvironmentMap before;       // The managed keys as the file held them.
};

// The file that has the variables of the project at `root` for that caller: absolute, need not
// exist.
std::filesystem::path DotenvFileOf(const std::filesystem::path& root,
                                   const EnvironmentMap& process);

// Resolves the managed variables of `project` for a caller with the environment `process`. The file
// is process["ENV_FILE"] from the project's root, else ".env"; a missing one is empty. `git` may be
// null where nobody needs GIT_*; never with kWrite.
//
// Errors: CONFIGURATION, the message starting "file:line: ", for a malformed file, which is then
// left as it is; those of ResolveImageNames; with kWrite those of UpdateTextFile. PERMISSION for a
// file that cannot be read.
absl::StatusOr<ProjectEnvironment> ResolveEnvironment(const Project& project,
                                                      const EnvironmentMap& process,
                                                      const GitFacts* git,
                                                      const EnvironmentOptions& options,
                                                      const Cancellation& cancellation);

// What became of the managed keys.
struct EnvironmentDiff {
  struct Change {
    std::string from, to;
  };
  EnvironmentMap added, removed, unchanged;
  std::map<std::string, Change> updated;
};
EnvironmentDiff DiffEnvironments(const EnvironmentMap& before, const EnvironmentMap& after);

}  // namespace nopo
