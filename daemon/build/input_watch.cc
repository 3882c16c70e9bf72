#include "daemon/build/input_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "daemon/build/tree_changes.h"

namespace nopo {
namespace {

constexpr int kTries = 3;  // To watch what is replaced just then.

std::filesystem::path NearestDirectory(std::filesystem::path path) {
  std::error_code error;
  while (!std::filesystem::is_directory(path, error) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return path;
}

absl::Status TroubleStatus(const std::filesystem::path& path, WatchTrouble trouble) {
  const std::string what = absl::StrCat(path.string(), " cannot be watched: ");
  switch (trouble) {
    case WatchTrouble::kBudget:
      return MakeError(
          absl::StatusCode::kFailedPrecondition, Reason::kUnspecified,
          absl::StrCat(what, "nopo's share of the inotify watches, a quarter, is used ", "up"),
          {"Leave out what need not be watched in .dockerignore, or raise "
           "fs.inotify.max_user_watches and restart nopod."});
    case WatchTrouble::kFileSystem:
      return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kUnspecified,
                       absl::StrCat(what, "its file system does not tell of every change"),
                       {"`nopo up` after an edit does the same."});
    case WatchTrouble::kPermission:
      return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission,
                       absl::StrCat(what, "a directory may not be read"));
    case WatchTrouble::kNone:
    case WatchTrouble::kOvertaken:
      break;
  }
  return absl::OkStatus();
}

// See TreeWatch::AddFile.
void WatchLinkedFiles(const FileTree& files, TreeWatch& watch) {
  for (const TreeEntry& entry : files.entries) {
    if (entry.IsRegular() && entry.names > 1) watch.AddFile(entry.path);
  }
}

// Whether touching `entry` can make a difference to a tree that `ignore` thins out.
bool Counts(const TouchedEntry& entry, const IgnorePatterns& ignore) {
  return entry.is_directory ? !ignore.Prunes(entry.path) : !ignore.Excludes(entry.path);
}

}  // namespace

bool InputWatch::WatchDirectories(const std::set<std::filesystem::path>& directories) {
  std::map<std::filesystem::path, std::unique_ptr<TreeWatch>> before =
      std::exchange(directories_, {});
  bool is_new = false;
  for (const std::filesystem::path& wanted : directories) {
    const std::filesystem::path directory = NearestDirectory(wanted);
    std::unique_ptr<TreeWatch>& watch = directories_[directory];
    if (watch != nullptr) continue;
    watch = std::move(before[directory]);
    // Its changes are asked for only to be forgotten: whoever woke up looks at every file.
    if (watch != nullptr && watch->Changes().has_value()) continue;
    watch = watcher_.Begin(directory, &bell_);
    watch->AddDirectory("");
    is_new = is_new || watch->trouble() == WatchTrouble::kNone;
  }
  return is_new;
}

void InputWatch::WatchTrees(const std::set<InputTree>& trees) {
  TakeChanges();
  std::erase_if(trees_, [&](const auto& entry) { return !trees.contains(entry.first); });
  for (const InputTree& wanted : trees) {
    if (trees_.contains(wanted)) continue;
    absl::StatusOr<IgnorePatterns> ignore = IgnorePatterns::Create(wanted.ignore);
    // The build says what is wrong with its ignore file, which is watched as a file.
    if (!ignore.ok()) continue;
    Tree& tree = trees_[wanted];
    tree.ignore = *std::move(ignore);
    List(wanted.root, tree);
  }
}

void InputWatch::List(const std::filesystem::path& root, Tree& tree) {
  for (int i = 0; i < kTries; ++i) {
    std::unique_ptr<TreeWatch> watch = watcher_.Begin(root, &bell_);
    absl::StatusOr<FileTree> files =
        ReadFileTree(root, tree.ignore, absl::Now(),
                     [&](const std::string& directory) { watch->AddDirectory(directory); });
    // What cannot be listed has nothing to watch; that it comes is seen in the directory above it.
    tree.files = files.ok() ? *std::move(files) : FileTree{.root = root};
    WatchLinkedFiles(tree.files, *watch);
    tree.watch = std::move(watch);
    if (tree.watch->trouble() != WatchTrouble::kOvertaken) return;
  }
}

std::vector<InputChange> InputWatch::TakeChanges() {
  std::map<std::filesystem::path, absl::Time> found;
  for (auto& [input, tree] : trees_) TakeChangesOf(input.root, tree, found);
  std::vector<InputChange> changes;
  changes.reserve(found.size());
  for (const auto& [path, at] : found) changes.push_back({path, at});
  return changes;
}

void InputWatch::TakeChangesOf(const std::filesystem::path& root, Tree& tree,
                               std::map<std::filesystem::path, absl::Time>& changes) {
  const auto touched = tree.watch->Changes();
  const bool is_untouched =
      touched.has_value() && std::none_of(touched->begin(), touched->end(), [&](const auto& entry) {
        return Counts(entry, tree.ignore);
      });
  if (is_untouched) return;
  std::set<std::string> paths;
  if (touched.has_value()) {
    for (const TouchedEntry& entry : *touched) paths.insert(entry.path);
  }
  const FileTree before = std::move(tree.files);
  List(root, tree);
  for (const TreeChange& change : DiffTrees(before, tree.files, paths)) {
    changes[root / change.path] = change.at;
  }
}

absl::Status InputWatch::Check() const {
  for (const auto& [path, watch] : directories_) {
    absl::Status status = TroubleStatus(path, watch->trouble());
    if (!status.ok()) return status;
  }
  for (const auto& [input, tree] : trees_) {
    absl::Status status = TroubleStatus(input.root, tree.watch->trouble());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status InputWatch::Wait(FirstChange first, const Cancellation& cancellation) {
  return WaitForChanges(watcher_, bell_, first, cancellation);
}

}  // namespace nopo
