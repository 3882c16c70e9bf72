#include "daemon/sync/dependency_sync.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/parallel.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "daemon/commands/container_task.h"
#include "daemon/project/container_paths.h"
#include "daemon/sync/cache_volume.h"
#include "daemon/sync/manager_output.h"

namespace nopo {
namespace {

// Programs have settings and logs to keep. Not the image's home, which may be another user's.
constexpr char kHome[] = "/cache/home";
// No program is likely to end with this one by itself.
constexpr int kProgramMissing = 117;

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string ToString() const { return absl::StrCat(uid, ":", gid); }
};

absl::StatusOr<Owner> OwnerOf(const std::filesystem::path& folder) {
  struct stat status;
  if (::stat(folder.c_str(), &status) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", folder.string()));
  }
  return Owner{status.st_uid, status.st_gid};
}

// One run of all managers of a project.
class SyncRun {
 public:
  SyncRun(DockerEngine& docker, Ledger& ledger, const std::string& task, const SyncOptions& options,
          const TaskContext& context)
      : docker_(docker), ledger_(ledger), task_(task), options_(options), context_(context) {}

  absl::StatusOr<TaskResult> Run() {
    NOPO_ASSIGN_OR_RETURN(volume_, EnsureCacheVolume(docker_, context_.cancellation));
    NOPO_RETURN_IF_ERROR(DecideAll());
    if (pending_.empty()) return TaskResult{.reason = "dependencies unchanged", .up_to_date = true};
    NOPO_ASSIGN_OR_RETURN(owner_, OwnerOf(options_.project.root));
    TaskResult prepared = PrepareCaches();
    if (!prepared.status.ok()) return prepared;
    ForEachInParallel(pending_.size(), pending_.size(), [this](size_t i) { Sync(pending_[i]); });
    return Summary();
  }

 private:
  struct Pending {
    const DependencyManager* manager;
    std::string fingerprint;
    SyncDecision decision;
    TaskResult result;       // Of the last attempt.
    std::string last_words;  // Likewise.
    std::string outcome;     // kSyncedOffline ...; "" = it failed.
  };

  absl::Status DecideAll() {
    const SyncGround ground{.image_id = options_.image_id, .volume_id = volume_.id};
    for (const DependencyManager& manager : options_.project.dependency_managers) {
      NOPO_ASSIGN_OR_RETURN(const std::string fingerprint,
                            SyncFingerprint(options_.project.root, manager, ground));
      // A ledger that fails knows nothing.
      const auto record = ledger_.FindBuild(options_.scope, RecordOf(manager));
      NOPO_ASSIGN_OR_RETURN(
          SyncDecision decision,
          DecideSync(manager, options_.mode, record.ok() ? *record : std::nullopt,
                     AsInstalled(fingerprint, options_.project.root, manager), volume_.is_new));
      Debug([&] { return absl::StrCat(manager.name, ": ", decision.reason); });
      if (decision.up_to_date) continue;
      pending_.push_back({.manager = &manager, .fingerprint = fingerprint, .decision = decision});
    }
    return absl::OkStatus();
  }

  // The folders of the caches are the user's own, whoever made the volume.
  TaskResult PrepareCaches() {
    std::set<std::string> folders = {kCacheInContainer, kHome};
    for (const Pending& pending : pending_) {
      if (!pending.manager->cache.empty()) folders.insert(pending.manager->cache);
    }
    ContainerCommand command = NewCommand();
    command.user = "0:0";
    command.network = "none";
    command.run = absl::StrCat("set -eu; for dir in");
    for (const std::string& folder : folders) {
      absl::StrAppend(&command.run, " ", ShellQuote(folder));
    }
    absl::StrAppend(&command.run,
                    "; do mkdir -p \"$dir\"; [ \"$(stat -c %u \"$dir\")\" = ", owner_.uid,
                    " ] || chown -R ", owner_.ToString(), " \"$dir\"; done");
    return RunContainerCommand(docker_, task_, command, context_.events, context_.cancellation);
  }

  void Sync(Pending& pending) {
    const SyncDecision& decision = pending.decision;
    // A crash in the middle must not leave a record that says "done".
    ledger_.ForgetBuild(options_.scope, RecordOf(*pending.manager)).IgnoreError();
    if (decision.tries_offline) Attempt(pending, /*online=*/false);
    if (decision.tries_online && pending.outcome.empty() && !context_.cancellation.IsCancelled()) {
      TellWhyOnline(pending);
      Attempt(pending, /*online=*/true);
    }
    Step(pending, pending.outcome.empty() ? "failed" : pending.outcome, /*done=*/true);
    if (!pending.outcome.empty()) Record(pending);
  }

  void TellWhyOnline(const Pending& pending) {
    std::string why = pending.decision.why_not_offline;
    if (pending.decision.tries_offline) {
      const std::string& words = pending.last_words;
      why = absl::StrCat("offline failed: ", words.empty() ? pending.result.status.message()
                                                           : absl::string_view(words));
    }
    if (why.empty()) return;
    context_.events.Info(absl::StrCat(pending.manager->name, ": going online, ", why));
  }

  void Attempt(Pending& pending, bool online) {
    const DependencyManager& manager = *pending.manager;
    Step(pending, online ? kSyncedOnline : kSyncedOffline, /*done=*/false);
    ContainerCommand command = NewCommand();
    command.user = owner_.ToString();
    command.env = manager.env;
    command.env.emplace("HOME", kHome);
    if (!online) command.network = "none";
    command.run = absl::StrCat(ProgramCheck(manager), online ? manager.online : manager.offline);
    // What a first attempt complains about is no news while there is a second.
    const bool is_shown = online || !pending.decision.tries_online ||
                          context_.events.debug_areas().Has(DebugArea::kSync);
    ManagerOutput output(context_.events, manager.name, is_shown);
    pending.result = RunContainerCommand(docker_, task_, command, output, context_.cancellation);
    output.Finish();
    pending.last_words = output.LastWords();
    Debug([&] {
      return absl::StrCat(manager.name, ": ", online ? "online" : "offline", ": ",
                          pending.result.status.ok() ? "done" : pending.result.status.message());
    });
    if (pending.result.status.ok()) {
      pending.outcome = std::string(online ? kSyncedOnline : kSyncedOffline);
    } else if (!manager.program.empty() &&
               TaskExitCodeOf(pending.result.status) == kProgramMissing) {
      pending.outcome = std::string(kSyncNotInImage);
      context_.events.Warning(absl::StrCat(
          manager.lockfiles.front(), " is there, but the base image has no ", manager.program,
          ": its dependencies are not synced (`sync: []` in nopo.yml says that none are)"));
    }
  }

  static std::string ProgramCheck(const DependencyManager& manager) {
    if (manager.program.empty()) return "";
    return absl::StrCat("command -v ", manager.program, " >/dev/null || exit ", kProgramMissing,
                        "; ");
  }

  void Record(const Pending& pending) {
    const absl::Status kept = ledger_.RecordBuild(
        options_.scope, RecordOf(*pending.manager),
        {.fingerprint = AsInstalled(pending.fingerprint, options_.project.root, *pending.manager),
         .result = pending.outcome,
         .built_at = absl::Now()});
    if (kept.ok()) return;
    context_.events.Warning(
        absl::StrCat(pending.manager->name, " will be synced again: ", kept.message()));
  }

  TaskResult Summary() {
    std::vector<std::string> done, failed;
    TaskResult result;
    for (Pending& pending : pending_) {
      if (!pending.outcome.empty()) {
        done.push_back(absl::StrCat(pending.manager->name, " ", pending.outcome));
        continue;
      }
      failed.push_back(pending.manager->name);
      if (!result.status.ok()) continue;
      result.status = std::move(pending.result.status);
      result.last_lines = std::move(pending.result.last_lines);
    }
    if (result.status.ok()) return {.reason = absl::StrJoin(done, ", ")};
    result.status = WithPrefix(result.status, absl::StrCat(absl::StrJoin(failed, ", "), ": "));
    if (options_.mode == SyncMode::kOffline && !absl::IsCancelled(result.status)) {
      result.status = WithHint(std::move(result.status),
                               "--sync=offline takes nothing from the network; without it nopo "
                               "goes online when that fails");
    }
    return result;
  }

  ContainerCommand NewCommand() const {
    const Project& project = options_.project;
    ContainerCommand command{.project = project.slug,
                             .service = project.root_name,
                             .root = project.root,
                             .config_file = project.config_file,
                             .image = options_.image,
                             .dir = kProjectInContainer,
                             .mount_project = true};
    command.mounts.push_back(
        {.type = "volume", .source = kCacheVolume, .target = kCacheInContainer});
    return command;
  }

  std::string RecordOf(const DependencyManager& manager) const {
    return SyncRecordName(options_.project, manager);
  }

  void Step(const Pending& pending, absl::string_view what, bool done) {
    const std::string& name = pending.manager->name;
    context_.events.Report(TaskProgress{
        .task = task_, .step = name, .message = absl::StrCat(name, ": ", what), .done = done});
  }

  template <typename MakeText>
  void Debug(const MakeText& text) {
    context_.events.DebugOf(options_.project.root_name, DebugArea::kSync, text);
  }

  DockerEngine& docker_;
  Ledger& ledger_;
  const std::string& task_;
  const SyncOptions& options_;
  const TaskContext& context_;
  CacheVolume volume_;
  Owner owner_;
  std::vector<Pending> pending_;  // Each is touched by its own thread only while they run.
};

}  // namespace

TaskResult SyncDependencies(DockerEngine& docker, Ledger& ledger, const std::string& task,
                            const SyncOptions& options, const TaskContext& context) {
  absl::StatusOr<TaskResult> result = SyncRun(docker, ledger, task, options, context).Run();
  if (!result.ok()) return {.status = result.status()};
  return *std::move(result);
}

absl::StatusOr<SyncState> StateOfSync(DockerEngine& docker, Ledger& ledger, const Project& project,
                                      const std::string& image_id, const std::string& scope,
                                      const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::optional<CacheVolume> volume,
                        FindCacheVolume(docker, cancellation));
  SyncState state;
  if (!volume.has_value()) return state;
  state.state = "cold";
  const SyncGround ground{.image_id = image_id, .volume_id = volume->id};
  size_t synced = 0;
  for (const DependencyManager& manager : project.dependency_managers) {
    const auto record = ledger.FindBuild(scope, SyncRecordName(project, manager));
    if (!record.ok() || !record->has_value()) continue;
    const BuildRecord& known = **record;
    const auto fingerprint = SyncFingerprint(project.root, manager, ground);
    if (fingerprint.ok() && known.fingerprint == AsInstalled(*fingerprint, project.root, manager)) {
      ++synced;
    }
    state.state = "stale";
    if (known.result == kSyncNotInImage) continue;
    if (!state.last_sync.has_value() || known.built_at > *state.last_sync) {
      state.last_sync = known.built_at;
    }
    if (state.mode != kSyncedOnline) state.mode = known.result;
  }
  const size_t wanted = project.dependency_managers.size();
  if (wanted > 0 && synced == wanted) state.state = "warm";
  return state;
}

absl::Status ForgetSync(Ledger& ledger, const Project& project, const std::string& scope) {
  for (const DependencyManager& manager : project.dependency_managers) {
    NOPO_RETURN_IF_ERROR(ledger.ForgetBuild(scope, SyncRecordName(project, manager)));
  }
  return absl::OkStatus();
}

}  // namespace nopo
