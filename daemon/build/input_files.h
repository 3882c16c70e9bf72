// Which files and trees decide what a plan's builds come to: what `watch` watches. Pure.
#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/build/build_plan.h"
#include "daemon/project/project.h"

namespace nopo {

struct InputTree {
  std::filesystem::path root;
  std::vector<std::string> ignore;  // See buildkit/ignore_patterns.h.
  friend auto operator<=>(const InputTree&, const InputTree&) = default;
};

struct InputFiles {
  std::set<InputTree> trees;
  // Dockerfiles and ignore files, which may lie outside of the trees. They need not exist.
  std::set<std::filesystem::path> files;
};

// Of `builds`: contexts as far as their ignore rules leave them, and packages' folders. Left out
// are what a build makes (outputs of packages), `dotenv_file`, which nopo writes, and what nobody
// edits: .git, and node_modules in packages.
InputFiles InputFilesOf(const Project& project, const std::map<std::string, BuildTask>& builds,
                        const std::filesystem::path& dotenv_file);

// Whether a file of that name is an editor's own, beside the one that is edited: Vim's swap files,
// backups and the like.
bool IsEditorScratch(absl::string_view name);

}  // namespace nopo
