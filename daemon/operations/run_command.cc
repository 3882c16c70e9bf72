#include "daemon/operations/run_command.h"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/commands/command_line.h"
#include "daemon/commands/command_planner.h"
#include "daemon/events/phase.h"
#include "daemon/operations/build_settings.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/joint_plan.h"
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

bool NeedsEngine(const JointPlan& plan) {
  return !plan.builds.empty() ||
         std::any_of(plan.commands.begin(), plan.commands.end(), [](const auto& entry) {
           return entry.second.context == CommandContext::kContainer;
         });
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
    NOPO_ASSIGN_OR_RETURN(CommandPlan commands, PlanRequest(*opened_.project, options_, events_));
    NOPO_ASSIGN_OR_RETURN(
        JointPlan joint,
        PlanJointly(*opened_.project, opened_.names,
                    {.commands = commands,
                     .build_images_of_commands = BuildsImages(opened_, options_.caller)}));
    if (NeedsEngine(joint)) {
      NOPO_ASSIGN_OR_RETURN(session_, workspace_.engines.For(options_.caller));
    }
    if (!joint.builds.empty() && !options_.execution.dry_run) {
      NOPO_RETURN_IF_ERROR(ReadBuildSettings(Settings(options_.caller.environment, opened_.dotenv),
                                             {}, workspace_.engines, *session_, events_,
                                             cancellation_, build_));
    }
    transfers_ = std::make_unique<ImageTransfers>(session_, logins_);
    AddBodies(joint, TaskForTerminal(commands));
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
  void AddBodies(JointPlan& joint, const std::string& task_on_terminal) {
    work_.tasks = std::move(joint.tasks);
    builds_ = std::make_unique<BuildTasks>(workspace_, opened_, options_.caller, session_, logins_,
                                           build_);
    builds_->AddBodies(work_, joint.builds, options_.execution);
    AddCommandBodies(work_, joint.commands,
                     {.opened = opened_,
                      .caller = options_.caller,
                      .session = session_,
                      .transfers = transfers_.get(),
                      .terminal = options_.terminal,
                      .task_on_terminal = task_on_terminal,
                      .files_may_have_changed = [this] { builds_->FilesMayHaveChanged(); }});
  }

  const Workspace& workspace_;
  const RunCommandOptions& options_;
  const OpenedProject& opened_;
  EventSink& events_;
  const Cancellation& cancellation_;
  EngineSession* session_ = nullptr;
  ImageSettings build_;
  RegistryLogins logins_;
  std::unique_ptr<ImageTransfers> transfers_;
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
