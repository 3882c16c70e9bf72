#include "daemon/buildkit/follow_paths.h"

#include <set>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "daemon/buildkit/path_pattern.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

// `path` as seen from the root, which ".." cannot leave: "" for the root itself.
std::string Rooted(absl::string_view path) { return CleanPath(absl::StrCat("/", path)).substr(1); }

std::string Join(absl::string_view dir, absl::string_view name) {
  return dir.empty() ? std::string(name) : absl::StrCat(dir, "/", name);
}

// As many links on one way as the kernel follows; `a -> a/b` would have no end.
constexpr int kMaxLinks = 40;

class LinkFollower {
 public:
  explicit LinkFollower(const fs::path& root) : root_(root) {}

  absl::Status Add(absl::string_view path) {
    pending_.push_back({Rooted(path), 0});
    while (!pending_.empty()) {
      const Way next = std::move(pending_.back());
      pending_.pop_back();
      const bool is_new = next.links <= kMaxLinks && seen_.insert(next.path).second;
      if (is_new) NOPO_RETURN_IF_ERROR(Resolve(next));
    }
    return absl::OkStatus();
  }

  std::set<std::string> TakeResolved() { return std::move(resolved_); }

 private:
  struct Way {
    std::string path;
    int links;  // Followed so far.
  };

  // Goes down the path until its end or the first component that is a link.
  absl::Status Resolve(const Way& way) {
    const std::vector<absl::string_view> parts = absl::StrSplit(way.path, '/');
    std::string current;
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::string dir = current;
      current = Join(dir, parts[i]);
      NOPO_ASSIGN_OR_RETURN(const std::vector<std::string> targets, LinkTargets(dir, parts[i]));
      if (targets.empty()) continue;
      const std::string rest = absl::StrJoin(parts.begin() + i + 1, parts.end(), "/");
      for (const std::string& target : targets) {
        pending_.push_back({Rooted(absl::StrCat(target, "/", rest)), way.links + 1});
      }
      break;
    }
    resolved_.insert(current);
    return absl::OkStatus();
  }

  // Where the links go that `name`, which may have wildcards, means in `dir`.
  absl::StatusOr<std::vector<std::string>> LinkTargets(const std::string& dir,
                                                       absl::string_view name) const {
    std::vector<std::string> targets;
    if (name.find_first_of("*?[") == absl::string_view::npos) {
      AddTarget(dir, name, targets);
      return targets;
    }
    NOPO_ASSIGN_OR_RETURN(const PathPattern pattern, PathPattern::Create(name));
    std::error_code error;
    fs::directory_iterator it(root_ / dir, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
      const std::string entry = it->path().filename().string();
      if (pattern.MatchesPathOrParent(entry)) AddTarget(dir, entry, targets);
    }
    if (error && error != std::errc::no_such_file_or_directory &&
        error != std::errc::not_a_directory) {
      return absl::PermissionDeniedError(
          absl::StrCat("cannot read ", (root_ / dir).string(), ": ", error.message()));
    }
    return targets;
  }

  void AddTarget(const std::string& dir, absl::string_view name,
                 std::vector<std::string>& targets) const {
    std::error_code error;
    const fs::path link = fs::read_symlink(root_ / Join(dir, name), error);
    if (error) return;  // No link, or nothing there.
    targets.push_back(link.is_absolute() ? link.string() : absl::StrCat(dir, "/", link.string()));
  }

  const fs::path root_;
  std::set<std::string> seen_;
  std::set<std::string> resolved_;
  std::vector<Way> pending_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FollowPaths(const fs::path& root,
                                                     const std::vector<std::string>& paths) {
  LinkFollower follower(root);
  for (const std::string& path : paths) NOPO_RETURN_IF_ERROR(follower.Add(path));
  const std::set<std::string> resolved = follower.TakeResolved();
  if (resolved.contains("")) return std::vector<std::string>();
  return std::vector<std::string>(resolved.begin(), resolved.end());
}

}  // namespace nopo
