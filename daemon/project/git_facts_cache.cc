#include "daemon/project/git_facts_cache.h"

#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "daemon/project/git_command.h"
#include "daemon/project/text_file.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kSymbolic = "ref: ";

std::string Variable(const EnvironmentMap& environment, const std::string& name) {
  const auto it = environment.find(name);
  return it == environment.end() ? "" : it->second;
}

std::vector<std::string> Lines(const absl::StatusOr<std::string>& output) {
  if (!output.ok()) return {};
  return absl::StrSplit(*output, '\n', absl::SkipEmpty());
}

// `text` if it can stand in JSON and `.env`; git knows names of any bytes.
void SetText(const std::string& text, std::string& fact) {
  if (!text.empty() && IsText(text)) fact = text;
}

// A token in the remote's URL must not travel into images and .env files.
std::string WithoutCredentials(const std::string& url) {
  const size_t scheme = url.find("://");
  if (!absl::StartsWith(url, "http") || scheme == std::string::npos) return url;
  const size_t host = scheme + 3;
  const size_t at = url.substr(0, url.find('/', host)).rfind('@');
  return at == std::string::npos || at < host ? url : url.substr(0, host) + url.substr(at + 1);
}

// `.git` of the innermost directory around `root` that has one; empty when none has. Stamps of
// where there was none go to `stamps`.
fs::path FindDotGit(const fs::path& root, std::vector<FileStamp>& stamps) {
  for (fs::path dir = root;; dir = dir.parent_path()) {
    std::error_code error;
    if (fs::exists(dir / ".git", error) || error) return dir / ".git";
    stamps.push_back(StampOf(dir / ".git"));
    if (dir == dir.parent_path()) return {};
  }
}

// The files that tell the current commit. False when it cannot be said which.
bool StampHead(const fs::path& git_dir, const fs::path& common_dir,
               std::vector<FileStamp>& stamps) {
  stamps.push_back(StampOf(git_dir / "HEAD"));
  for (const char* name : {"packed-refs", "reftable/tables.list"}) {
    stamps.push_back(StampOf(common_dir / name));
  }
  const absl::StatusOr<std::string> head = ReadTextFile(git_dir / "HEAD");
  if (!head.ok()) return false;
  if (!absl::StartsWith(*head, kSymbolic)) return true;
  const std::string branch(absl::StripAsciiWhitespace(absl::StripPrefix(*head, kSymbolic)));
  stamps.push_back(StampOf(common_dir / branch));
  // A reference to a reference would have to be followed further.
  const absl::StatusOr<std::string> commit = ReadTextFile(common_dir / branch);
  return commit.ok() ? !absl::StartsWith(*commit, kSymbolic) : absl::IsNotFound(commit.status());
}

// Files of configuration that may come to be, beside those that git says it read.
void StampUsualConfig(const fs::path& git_dir, const fs::path& common_dir,
                      const EnvironmentMap& environment, std::vector<FileStamp>& stamps) {
  const std::string home = Variable(environment, "HOME");
  const std::string xdg = Variable(environment, "XDG_CONFIG_HOME");
  const fs::path user = xdg.empty() ? fs::path(home) / ".config" : fs::path(xdg);
  for (const fs::path& file :
       {common_dir / "config", git_dir / "config.worktree", fs::path(home) / ".gitconfig",
        user / "git/config", fs::path("/etc/gitconfig")}) {
    stamps.push_back(StampOf(file));
  }
}

// `git config --show-origin --list --null` prints "file:ORIGIN\0KEY\nVALUE\0"...
struct ConfigEntry {
  fs::path file;
  std::string key, value;
};
std::vector<ConfigEntry> ParseConfig(absl::string_view output, const fs::path& root) {
  std::vector<std::string> parts = absl::StrSplit(output, '\0');
  std::vector<ConfigEntry> entries;
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    std::pair<std::string, std::string> setting =
        absl::StrSplit(parts[i + 1], absl::MaxSplits('\n', 1));
    entries.push_back({.file = root / std::string(absl::StripPrefix(parts[i], "file:")),
                       .key = std::move(setting.first),
                       .value = std::move(setting.second)});
  }
  return entries;
}

// Stamps every file that `entries` come from or include; false for one that cannot be found.
bool StampConfig(const std::vector<ConfigEntry>& entries, const std::string& home,
                 std::vector<FileStamp>& stamps) {
  for (const ConfigEntry& entry : entries) {
    if (stamps.back().path != entry.file) stamps.push_back(StampOf(entry.file));
    const bool includes =
        absl::StartsWith(entry.key, "include.") || absl::StartsWith(entry.key, "includeif.");
    if (!includes) continue;
    if (absl::StartsWith(entry.value, "%(")) return false;
    const bool from_home = absl::StartsWith(entry.value, "~/");
    // Another user's home.
    if (!from_home && absl::StartsWith(entry.value, "~")) return false;
    stamps.push_back(StampOf(from_home ? fs::path(home) / entry.value.substr(2)
                                       : entry.file.parent_path() / entry.value));
  }
  return true;
}

}  // namespace

GitFactsCache::Entry GitFactsCache::Ask(const fs::path& root, const EnvironmentMap& environment) {
  const auto git = [&](const std::vector<std::string>& arguments) {
    return RunGit({root, environment}, arguments);
  };
  // Whatever changes from now on shows in the stamps, also in those taken later.
  Entry entry{.read_at = absl::Now()};
  std::vector<FileStamp> stamps;
  const fs::path dot_git = FindDotGit(root, stamps);
  if (dot_git.empty()) return entry;
  if (!fs::is_directory(dot_git)) stamps.push_back(StampOf(dot_git));
  const std::vector<std::string> dirs =
      Lines(git({"rev-parse", "--absolute-git-dir", "--git-common-dir"}));
  if (dirs.size() != 2) return entry;
  const fs::path git_dir = dirs[0], common_dir = (root / dirs[1]).lexically_normal();
  bool lasting = StampHead(git_dir, common_dir, stamps);
  StampUsualConfig(git_dir, common_dir, environment, stamps);

  const std::vector<std::string> head = Lines(git({"rev-parse", "HEAD", "--abbrev-ref", "HEAD"}));
  if (head.size() == 2) {
    SetText(head[0], entry.facts.commit);
    SetText(head[1], entry.facts.branch);
  } else if (const auto branch = Lines(git({"symbolic-ref", "--short", "HEAD"})); !branch.empty()) {
    SetText(branch[0], entry.facts.branch);  // Nothing is committed yet.
  }
  const absl::StatusOr<std::string> config = git({"config", "--show-origin", "--list", "--null"});
  const std::vector<ConfigEntry> settings = ParseConfig(config.ok() ? *config : "", root);
  for (const ConfigEntry& setting : settings) {
    if (setting.key == "remote.origin.url") {
      SetText(WithoutCredentials(setting.value), entry.facts.repository);
    }
  }
  lasting = lasting && head.size() == 2 && config.ok() &&
            StampConfig(settings, Variable(environment, "HOME"), stamps);
  if (lasting) entry.stamps = std::move(stamps);
  return entry;
}

GitFacts GitFactsCache::Get(const fs::path& root, const EnvironmentMap& environment) {
  const std::string key =
      absl::StrJoin({root.native(), Variable(environment, "HOME"), Variable(environment, "PATH"),
                     Variable(environment, "XDG_CONFIG_HOME")},
                    "\n");
  std::shared_ptr<const Entry> entry;
  {
    MutexLock lock(mutex_);
    if (const auto it = entries_.find(key); it != entries_.end()) entry = it->second;
  }
  if (entry != nullptr && !entry->stamps.empty() && AreCurrent(entry->stamps, entry->read_at)) {
    return entry->facts;
  }
  entry = std::make_shared<const Entry>(Ask(root, environment));
  MutexLock lock(mutex_);
  entries_[key] = entry;
  return entry->facts;
}

}  // namespace nopo
