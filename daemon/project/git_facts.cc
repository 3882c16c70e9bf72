#include "daemon/project/git_facts.h"

#include <set>
#include <system_error>

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

// A token in the remote's URL must not travel into images and .env files.
std::string WithoutCredentials(const std::string& url) {
  const size_t scheme = url.find("://");
  if (!absl::StartsWith(url, "http") || scheme == std::string::npos) return url;
  const size_t host = scheme + 3;
  const size_t at = url.substr(0, url.find('/', host)).rfind('@');
  return at == std::string::npos || at < host ? url : url.substr(0, host) + url.substr(at + 1);
}

// Saves starting git where there can't be a repository.
bool MayBeInRepository(const std::filesystem::path& root) {
  for (std::filesystem::path dir = root;; dir = dir.parent_path()) {
    std::error_code error;
    if (std::filesystem::exists(dir / ".git", error) || error) return true;
    if (dir == dir.parent_path()) return false;
  }
}

absl::Status BadArguments(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments, message);
}

bool IsCommit(const std::filesystem::path& root, const std::string& name) {
  // A name like an option is none; git's own guard against it is missing in older versions.
  return !absl::StartsWith(name, "-") &&
         RunGit(root, {"rev-parse", "--verify", "--quiet", absl::StrCat(name, "^{commit}")}).ok();
}

absl::StatusOr<std::string> FindReference(const std::filesystem::path& root,
                                          const std::string& since) {
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
absl::Status CheckRepository(const std::filesystem::path& root) {
  const absl::StatusOr<std::string> inside = RunGit(root, {"rev-parse", "--is-inside-work-tree"});
  if (absl::IsNotFound(inside.status())) {
    return BadArguments("'changed' and 'affected' need the program git, which is not installed");
  }
  if (!inside.ok()) {
    return BadArguments(absl::StrCat("'changed' and 'affected' need a git repository; ",
                                     root.native(),
                                     " is in none that git can use: ", inside.status().message()));
  }
  if (absl::StripAsciiWhitespace(*inside) != "true") {
    return BadArguments(absl::StrCat("'changed' and 'affected' need a working tree of git; ",
                                     root.native(), " is in none"));
  }
  if (IsCommit(root, "HEAD")) return absl::OkStatus();
  return BadArguments(
      absl::StrCat("'changed' and 'affected' compare with a commit; the repository "
                   "of ",
                   root.native(), " has none yet"));
}

absl::StatusOr<std::string> MergeBase(const std::filesystem::path& root, const std::string& since) {
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

GitFacts ReadGitFacts(const std::filesystem::path& root) {
  GitFacts facts;
  if (!MayBeInRepository(root)) return facts;
  const auto head = Lines(RunGit(root, {"rev-parse", "HEAD", "--abbrev-ref", "HEAD"}));
  if (head.size() == 2) {
    facts.commit = head[0];
    facts.branch = head[1];
  } else if (const auto branch = Lines(RunGit(root, {"symbolic-ref", "--short", "HEAD"}));
             !branch.empty()) {
    facts.branch = branch[0];  // Nothing is committed yet.
  }
  const auto url = Lines(RunGit(root, {"config", "--get", "remote.origin.url"}));
  if (!url.empty()) facts.repository = WithoutCredentials(url[0]);
  return facts;
}

absl::StatusOr<std::vector<std::string>> ChangedFiles(const std::filesystem::path& root,
                                                      const std::string& since) {
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
        absl::StrCat("git ignores ", root.native(), ", so it knows of no changes in it"));
  }
  return std::vector<std::string>(files.begin(), files.end());
}

}  // namespace nopo
