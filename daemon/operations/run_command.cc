#include "daemon/operations/run_command.h"

#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/build_plan.h"
#include "daemon/commands/command_line.h"
#include "daemon/commands/command_planner.h"
#include "daemon/events/phase.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/run_report.h"

namespace nopo {
namespace {

absl::StatusOr<CommandPlan> PlanRequest(const Project& project, const RunCommandOptions& options,
                                        EventSink& events) {
  if (options.in_container && options.context == CommandContext::kHost) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     "`nopo run` runs in containers: --context host contradicts it",
                     {absl::StrCat("`nopo ", options.words.front(), "` runs on the host")});
  }
  NOPO_ASSIGN_OR_RETURN(const CommandLine line,
                        SplitCommandLine(project, options.words, options.client_commands));
  TargetSelection selection = options.selection;
  selection.names = line.targets;
  CommandRequest request{.command = line.command, .arguments = options.arguments};
  NOPO_ASSIGN_OR_RETURN(request.targets, SelectOrTell(project, selection, events));
  request.targets_named = !line.targets.empty();
  request.context = options.in_container ? CommandContext::kContainer : options.context;
  return PlanCommands(project, request);
}

// The task that may have the caller's terminal: the only one that was requested; "" when there are
// several.
std::string TaskForTerminal(const CommandPlan& commands) {
  std::string name;
  for (const auto& [task_name, task] : commands.tasks) {
    if (!task.requested) continue;
    if (!name.empty()) return "";
    name = task_name;
  }
  return name;
}

// One `nopo CMD` from planned to told.
class CommandRun {
 public:
  CommandRun(const Workspace& workspace, const RunCommandOptions& options,
             const OpenedProject& opened, EventSink& events, const Cancellation& cancellation)
      : workspace_(workspace),
        options_(options),
        opened_(opened),
        events_(events),
        cancellation_(cancellation),
        logins_(options.caller.environment) {}

  absl::Status Prepare() {
    const Phase phase(events_, "plan");
    NOPO_ASSIGN_OR_RETURN(commands_, PlanRequest(*opened_.project, options_, events_));
    needs_engine_ = std::any_of(commands_.tasks.begin(), commands_.tasks.end(), [](const auto& it) {
      return it.second.context == CommandContext::kContainer;
    });
    needs_engine_ = needs_engine_ || !commands_.builds.empty();
    if (needs_engine_) {
      NOPO_ASSIGN_OR_RETURN(session_, workspace_.engines.For(options_.caller));
    }
    NOPO_RETURN_IF_ERROR(AddBuilds());
    AddCommands();
    NOPO_ASSIGN_OR_RETURN(plan_, Plan::Create(work_.tasks));
    return absl::OkStatus();
  }

  void ListOnly() { ReportDryRun(plan_, work_.listings, events_); }

  absl::Status Run() {
    const absl::Time start = absl::Now();
    const RunSummary summary = RunWork(plan_, work_, options_.execution, events_, cancellation_);
    const absl::Status outcome = summary.Outcome();
    const boost::json::object result{{"ok", outcome.ok()},
                                     {"tasks", boost::json::parse(TasksJson(summary))}};
    events_.Report(
        ResultReady{.summary = plan_.empty() ? "nothing to run: no selected target has this command"
                                             : SummaryLine(summary, "done", absl::Now() - start),
                    .json = boost::json::serialize(result)});
    return outcome;
  }

 private:
  // The builds that commands depend on, and the images of those that run in containers.
  absl::Status AddBuilds() {
    std::set<const Target*> targets;
    for (const auto& [task, id] : commands_.builds) targets.insert(opened_.project->FindTarget(id));
    for (const auto& [name, task] : commands_.tasks) {
      if (task.context != CommandContext::kContainer) continue;
      const Target* target = opened_.project->FindTarget(task.target);
      const bool on_base = target->kind != TargetKind::kService;
      targets.insert(on_base ? &opened_.project->root_target : target);
    }
    if (targets.empty()) return absl::OkStatus();
    NOPO_ASSIGN_OR_RETURN(
        const BuildPlan plan,
        PlanBuild(*opened_.project, {targets.begin(), targets.end()}, opened_.names, {}));
    builds_ = std::make_unique<BuildTasks>(workspace_, opened_, options_.caller, session_, logins_,
                                           ImageBuildOptions());
    return builds_->AddTo(work_, plan);
  }

  void AddCommands() {
    const std::string base_task = absl::StrCat(opened_.project->root_name, ":build");
    const std::string on_terminal = TaskForTerminal(commands_);
    for (const Task& planned : commands_.plan.tasks()) {
      const auto found = commands_.tasks.find(planned.name);
      if (found == commands_.tasks.end()) {
        MergeBuild(planned);
        continue;
      }
      Task task = planned;
      const CommandTask& command = found->second;
      const bool in_container = command.context == CommandContext::kContainer;
      const std::string own_build = absl::StrCat(command.target, ":build");
      if (in_container && work_.Has(own_build)) {
        task.depends_on.push_back(own_build);
      } else if (in_container && work_.Has(base_task)) {
        task.depends_on.push_back(base_task);
      }
      work_.tasks.push_back(std::move(task));
      work_.listings[planned.name] = ListingOf(command);
      ClientTerminal* terminal = planned.name == on_terminal ? options_.terminal : nullptr;
      work_.bodies[planned.name] = [this, name = planned.name, &command, in_container,
                                    terminal](const TaskContext& context) {
        const Caller& caller = options_.caller;
        if (!in_container) return RunOnHost(name, command, opened_, caller, context, terminal);
        return RunInContainer(name, command, opened_, caller, *session_, context, terminal);
      };
    }
  }

  // A build that is also a step between commands keeps the order that they ask for.
  void MergeBuild(const Task& planned) {
    Task* task = work_.Find(planned.name);
    if (task == nullptr) return;
    task->depends_on.insert(task->depends_on.end(), planned.depends_on.begin(),
                            planned.depends_on.end());
  }

  const Workspace& workspace_;
  const RunCommandOptions& options_;
  const OpenedProject& opened_;
  EventSink& events_;
  const Cancellation& cancellation_;
  CommandPlan commands_;
  bool needs_engine_ = false;
  EngineSession* session_ = nullptr;
  RegistryLogins logins_;
  std::unique_ptr<BuildTasks> builds_;
  PlannedWork work_;
  Plan plan_;
};

}  // namespace

absl::Status RunCommand(const Workspace& workspace, const RunCommandOptions& options,
                        EventSink& events, const Cancellation& cancellation) {
  const bool writes = options.in_container && !options.execution.dry_run;
  const DotenvUse use = writes ? DotenvUse::kWrite : DotenvUse::kRead;
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened,
                        OpenProjectForTasks(workspace, options.caller, use, events, cancellation));
  CommandRun run(workspace, options, opened, events, cancellation);
  NOPO_RETURN_IF_ERROR(run.Prepare());
  if (!options.execution.dry_run) return run.Run();
  run.ListOnly();
  return absl::OkStatus();
}

}  // namespace nopo
