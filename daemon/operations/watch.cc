#include "daemon/operations/watch.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/command_writes.h"
#include "daemon/build/input_files.h"
#include "daemon/build/input_watch.h"
#include "daemon/events/collected_events.h"
#include "daemon/operations/file_states.h"
#include "daemon/operations/plan_listing.h"
#include "daemon/operations/round_events.h"
#include "daemon/operations/sync_task.h"
#include "daemon/project/project_environment.h"

namespace nopo {
namespace {

using Paths = std::set<std::filesystem::path>;

// All that `.env` decides but what comes from git: a commit alone is no reason for a round.
EnvironmentMap ValuesOf(const OpenedProject& opened) {
  EnvironmentMap values = opened.dotenv;
  for (const auto& [key, value] : opened.names.managed) values[key] = value;
  for (const char* key : {"GIT_REPO", "GIT_BRANCH", "GIT_COMMIT"}) values.erase(key);
  return values;
}

// The tasks in whose course commands of the project may write files.
std::set<std::string> CommandTasksOf(const JointPlan& plan) {
  std::set<std::string> tasks;
  for (const auto& [name, command] : plan.commands) tasks.insert(name);
  for (const auto& [name, build] : plan.builds) {
    if (std::holds_alternative<PackageBuild>(build)) tasks.insert(name);
  }
  return tasks;
}

absl::Time ChangedAt(const FileStates& states, const std::filesystem::path& path) {
  const auto found = states.find(path);
  return found == states.end() ? absl::InfinitePast() : absl::FromUnixNanos(found->second.ctime_ns);
}

// One `watch` from its first round on.
class WatchRun {
 public:
  WatchRun(const Workspace& workspace, const UpOptions& options, std::filesystem::path root,
           EventSink& events, const Cancellation& cancellation)
      : workspace_(workspace),
        options_(options),
        root_(std::move(root)),
        dotenv_file_(DotenvFileOf(root_, options.caller.environment)),
        events_(events),
        cancellation_(cancellation),
        waiting_(cancellation),
        retiring_(workspace.retiring.OnCancel([this] { waiting_.Cancel(); })),
        inputs_(workspace.trees) {
    options_.before_tasks = [this](const PlannedUp& planned) { Prepare(planned); };
  }

  absl::Status Run() {
    dotenv_stamp_ = StampOf(dotenv_file_);
    files_ = StatesOf(Look());
    for (bool is_first = true;; is_first = false) {
      const absl::Status outcome = RunRound();
      NOPO_RETURN_IF_ERROR(cancellation_.Check());
      const bool is_beyond_repair =
          !outcome.ok() && !is_planned_ && ReasonOf(outcome) != Reason::kConfiguration;
      if (is_first && is_beyond_repair) return outcome;
      const absl::Status watched = inputs_.Check();
      events_.Report(RoundEnded{.outcome = outcome, .targets = targets_, .last = !watched.ok()});
      NOPO_RETURN_IF_ERROR(watched);
      NOPO_ASSIGN_OR_RETURN(const Paths changed, NextChanges());
      events_.Info(ChangedText(changed, root_));
    }
  }

 private:
  absl::Status RunRound() {
    // A round that fails before its plan may have written `.env` all the same.
    if (!values_.has_value()) values_ = ReadValues(DotenvUse::kWrite);
    is_planned_ = false;
    round_start_ = absl::Now();
    round_.emplace(events_, options_.caller.Wishes());
    absl::Status outcome = Up(workspace_, options_, *round_, cancellation_);
    if (is_planned_) {
      options_.builds_released = options_.builds_released || options_.force_build;
      options_.force_build = options_.pull = false;
      if (options_.sync == SyncMode::kOnline) options_.sync = SyncMode::kAuto;
    }
    return outcome;
  }

  // Before the tasks of a round: watches what they read, so that each change from now on is one
  // that they may have missed.
  void Prepare(const PlannedUp& planned) {
    is_planned_ = true;
    values_ = ValuesOf(planned.opened);
    const Project& project = *planned.opened.project;
    std::set<std::string> commands = CommandTasksOf(planned.builds);
    commands.insert(SyncTaskName(project));
    round_->NoteCommands(std::move(commands));
    const InputFiles inputs = InputFilesOf(project, planned.builds.builds, dotenv_file_);
    for (const std::filesystem::path& file : inputs.files) {
      const bool is_new = build_files_.insert(file).second;
      const FileStamp stamp = StampOf(file);
      // Planning has read it before; one that was changed since is left to be found new.
      const bool is_as_read =
          absl::FromUnixNanos(stamp.ctime_ns) < round_start_ - kClockGranularity;
      if (is_new && is_as_read) files_.merge(StatesOf({stamp}));
    }
    inputs_.WatchTrees(inputs.trees);
    NoteTargets(project, planned.plan, inputs);
  }

  void NoteTargets(const Project& project, const Plan& plan, const InputFiles& inputs) {
    std::set<std::string> targets;
    for (const Task& task : plan.tasks()) targets.insert(TargetOfTask(task.name));
    targets_ = static_cast<int>(targets.size() - targets.count(project.root_name));
    others_files_.clear();
    for (const Target& target : project.targets) {
      if (targets.contains(target.id)) continue;
      for (const auto& file : {target.dir / "Dockerfile", target.dockerfile}) {
        if (!inputs.files.contains(file)) others_files_.insert(file);
      }
    }
  }

  // Blocks until something has changed since the tasks of the last round may have read it.
  absl::StatusOr<Paths> NextChanges() {
    FirstChange first = FirstChange::kIfThere;
    while (true) {
      NOPO_RETURN_IF_ERROR(Wait(first));
      Paths changed = TakeChanges(first == FirstChange::kIfThere);
      NOPO_RETURN_IF_ERROR(inputs_.Check());
      if (!changed.empty()) return changed;
      first = FirstChange::kAwait;
    }
  }

  absl::Status Wait(FirstChange first) {
    const absl::Status waited = inputs_.Wait(first, waiting_);
    if (!absl::IsCancelled(waited) || cancellation_.IsCancelled()) return waited;
    return MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted,
                     "nopod ends, to make room for that of another version",
                     {"run `nopo watch` again"});
  }

  Paths TakeChanges(bool round_is_just_over) {
    std::map<std::filesystem::path, absl::Time> found;
    for (const InputChange& change : inputs_.TakeChanges()) found[change.path] = change.at;
    FileStates files = StatesOf(Look());
    for (const std::filesystem::path& path : ChangedFiles(files_, files)) {
      if (!others_files_.contains(path)) found[path] = ChangedAt(files, path);
    }
    files_ = std::move(files);
    Paths changed = EditsIn(found, round_is_just_over);
    if (DotenvChanged()) changed.insert(dotenv_file_);
    return changed;
  }

  // Those of `found` that commands of the project did not write.
  Paths EditsIn(const std::map<std::filesystem::path, absl::Time>& found, bool round_is_just_over) {
    if (!round_is_just_over || !round_->CommandsRan()) return WithoutLateWrites(found);
    std::map<std::filesystem::path, CommandWrites::Change> changes;
    for (const auto& [path, at] : found) {
      changes[path] = {.content = ContentOf(path), .while_running = round_->CommandsRanAt(at)};
    }
    const CommandWrites::Verdict verdict = command_writes_.Judge(changes);
    for (const std::filesystem::path& path : verdict.given_up) {
      events_.Warning(absl::StrCat(path.string(),
                                   " changes whenever commands of the project run: that begins no "
                                   "round any more; build.output names what a package's makes"));
    }
    return {verdict.news.begin(), verdict.news.end()};
  }

  // Another operation may have run the commands.
  Paths WithoutLateWrites(const std::map<std::filesystem::path, absl::Time>& found) const {
    Paths changed;
    for (const auto& [path, at] : found) {
      const std::string* content = command_writes_.LastContent(path);
      if (content == nullptr || *content != ContentOf(path)) changed.insert(path);
    }
    return changed;
  }

  // What nopo itself writes there changes no value.
  bool DotenvChanged() {
    const FileStamp stamp = StampOf(dotenv_file_);
    if (stamp == dotenv_stamp_) return false;
    dotenv_stamp_ = stamp;
    std::optional<EnvironmentMap> values = ReadValues(DotenvUse::kRead);
    const bool is_same = values.has_value() && values == values_;
    values_ = std::move(values);
    return !is_same;
  }

  // Empty where the configuration has mistakes, which the next round tells.
  std::optional<EnvironmentMap> ReadValues(DotenvUse use) {
    CollectedEvents unheard{EventWishes()};
    const absl::StatusOr<OpenedProject> opened =
        OpenProjectForTasks(workspace_, options_.caller, use, unheard, cancellation_);
    if (!opened.ok()) return std::nullopt;
    return ValuesOf(*opened);
  }

  // The files of configuration and builds as they are, each as it was when it was last read or
  // later. From now on Wait hears of changes to them.
  std::vector<FileStamp> Look() {
    std::vector<FileStamp> stamps;
    Paths directories;
    do {
      stamps = workspace_.projects.FilesOf(root_);
      Paths known;
      for (const FileStamp& stamp : stamps) known.insert(stamp.path);
      // A file that does not parse hides what else is read.
      Paths more = build_files_;
      for (const auto& [path, stamp] : files_) more.insert(path);
      for (const std::filesystem::path& path : more) {
        if (!known.contains(path)) stamps.push_back(StampOf(path));
      }
      directories = DirectoriesToWatch(stamps);
      directories.merge(DirectoriesToWatch({dotenv_stamp_}));
    } while (inputs_.WatchDirectories(directories));
    return stamps;
  }

  const Workspace& workspace_;
  UpOptions options_;  // Of the next round.
  const std::filesystem::path root_, dotenv_file_;
  EventSink& events_;
  const Cancellation& cancellation_;
  Cancellation waiting_;  // Between rounds.
  const Cancellation::Registration retiring_;
  InputWatch inputs_;
  FileStates files_;    // As of the last look.
  Paths build_files_;   // Dockerfiles and ignore files of all rounds.
  Paths others_files_;  // Of targets that the last plan is not about.
  FileStamp dotenv_stamp_;
  std::optional<EnvironmentMap> values_;  // What it said; see ValuesOf.
  CommandWrites command_writes_;
  std::optional<RoundEvents> round_;  // The last one.
  absl::Time round_start_;
  bool is_planned_ = false;  // The last round got so far.
  int targets_ = 0;
};

}  // namespace

absl::Status Watch(const Workspace& workspace, const UpOptions& options, EventSink& events,
                   const Cancellation& cancellation) {
  if (options.execution.dry_run) return Up(workspace, options, events, cancellation);
  NOPO_ASSIGN_OR_RETURN(std::filesystem::path root, FindRoot(options.caller));
  return WatchRun(workspace, options, std::move(root), events, cancellation).Run();
}

}  // namespace nopo
