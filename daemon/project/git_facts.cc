#include "daemon/project/git_facts.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/git_command.h"

namespace nopo {
namespace {

std::vector<std::string> Lines(const absl::StatusOr<std::string>& output) {
  if (!output.ok()) return {};
  return absl::StrSplit(*output, '\n', absl::SkipEmpty());
}

absl::Status BadArguments(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments, message);
}

bool IsCommit(const GitDirectory& root, const std::string& name) {
  // A name like an option is none; git's own guard against it is missing in older versions.
  return !absl::StartsWith(name, "-") &&
         RunGit(root, {"rev-parse", "--verify", "--quiet", absl::StrCat(name, "^{commit}")}).ok();
}

absl::StatusOr<std::string> FindReference(const GitDirectory& root, const std::string& since) {
  if (!since.empty()) {
    if (IsCommit(root, since)) return since;
    return BadArguments(absl::StrCat("--since: found ", Quoted(since),
                                     "; expected a branch, tag or commit of the repository"));
  }
  for (const char* name : {"refs/remotes/origin/HEAD", "refs/remotes/origin/main",
                           "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"}) {
    if (IsCommit(root, name)) return name;
  }
  return BadArguments(
      "the repository has no default branch that nopo knows (origin/HEAD, origin/main, "
      "origin/master, main, master); name one with --since");
}

// Whether `root` is in a working tree of a repository with a commit to compare with.
absl::Status CheckRepository(const GitDirectory& root) {
  const absl::StatusOr<std::string> inside = RunGit(root, {"rev-parse", "--is-inside-work-tree"});
  if (absl::IsNotFound(inside.status())) {
    return BadArguments("'changed' and 'affected' need the program git, which is not installed");
  }
  if (!inside.ok()) {
    return BadArguments(absl::StrCat("'changed' and 'affected' need a git repository; ",
                                     root.path.native(),
                                     " is in none that git can use: ", inside.status().message()));
  }
  if (absl::StripAsciiWhitespace(*inside) != "true") {
    return BadArguments(absl::StrCat("'changed' and 'affected' need a working tree of git; ",
                                     root.path.native(), " is in none"));
  }
  if (IsCommit(root, "HEAD")) return absl::OkStatus();
  return BadArguments(
      absl::StrCat("'changed' and 'affected' compare with a commit; the repository "
                   "of ",
                   root.path.native(), " has none yet"));
}

absl::StatusOr<std::string> MergeBase(const GitDirectory& root, const std::string& since) {
  NOPO_RETURN_IF_ERROR(CheckRepository(root));
  NOPO_ASSIGN_OR_RETURN(const std::string reference, FindReference(root, since));
  const std::vector<std::string> base = Lines(RunGit(root, {"merge-base", reference, "HEAD"}));
  if (!base.empty()) return base[0];
  absl::Status error =
      BadArguments(absl::StrCat("HEAD and ", since.empty() ? reference : since,
                                " have no common commit; name another with --since"));
  const auto shallow = Lines(RunGit(root, {"rev-parse", "--is-shallow-repository"}));
  if (shallow.empty() || shallow[0] != "true") return error;
  return WithHint(error,
                  "this clone is shallow: `git fetch --unshallow` gets the commits that it lacks");
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ChangedFiles(const std::filesystem::path& dir,
                                                      const std::string& since,
                                                      const EnvironmentMap& environment) {
  const GitDirectory root{dir, environment};
  NOPO_ASSIGN_OR_RETURN(const std::string base, MergeBase(root, since));
  const std::vector<std::string> diff = {
      "diff",          "--name-only", "-z",         "--no-renames",
      "--no-ext-diff", "--relative",  "--no-color", "--ignore-submodules=none"};
  // A change that a later one takes back is still a change of its stage.
  std::vector<std::vector<std::string>> commands = {
      diff, diff, diff, {"ls-files", "--others", "--exclude-standard", "-z"}};
  commands[0].insert(commands[0].end(), {base, "HEAD"});
  commands[1].insert(commands[1].end(), {"--cached", base});
  commands[2].push_back(base);
  std::set<std::string> files;
  for (const std::vector<std::string>& command : commands) {
    const absl::StatusOr<std::string> names = RunGit(root, command);
    if (!names.ok()) return BadArguments(absl::StrCat("git: ", names.status().message()));
    for (const absl::string_view name : absl::StrSplit(*names, '\0', absl::SkipEmpty())) {
      files.emplace(name);
    }
  }
  if (files.empty() && RunGit(root, {"check-ignore", "--quiet", "."}).ok()) {
    return BadArguments(
        absl::StrCat("git ignores ", root.path.native(), ", so it knows of no changes in it"));
  }
  return std::vector<std::string>(files.begin(), files.end());
}

}  // namespace nopo
