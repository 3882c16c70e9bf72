#include "daemon/operations/exec.h"

#include <boost/json.hpp>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "daemon/commands/exec_task.h"
#include "daemon/operations/other_directories.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/run_report.h"
#include "daemon/services/running_container.h"

namespace nopo {
namespace {

// Null when filters take the target out.
absl::StatusOr<const Target*> SelectService(const Project& project, const ExecOptions& options,
                                            EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectOrTell(project, options.selection, events));
  if (targets.empty()) return nullptr;
  const Target* target = targets.front();
  if (target->kind == TargetKind::kService) return target;
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   absl::StrCat(target->id, " is a package: it has no container"));
}

ExecTask TaskOf(const ExecOptions& options, const Container& container) {
  ExecTask exec{.container_id = container.id,
                .container_name = container.name,
                .spec = {.command = options.command,
                         .working_dir = options.working_dir,
                         .user = options.user,
                         .privileged = options.privileged,
                         .attach = !options.detach,
                         .tty = options.on_terminal && !options.detach},
                .client = options.terminal};
  EnvironmentMap env = options.env;
  if (exec.spec.tty) {
    const TerminalSize size = options.terminal->size();
    exec.spec.console_columns = size.columns;
    exec.spec.console_rows = size.rows;
    AddTerminalVariables(options.caller, env);
  }
  for (const auto& [key, value] : env) exec.spec.env.push_back(absl::StrCat(key, "=", value));
  return exec;
}

PlannedWork PlanWork(const std::string& service, const ExecTask& exec, EngineSession& session) {
  PlannedWork work;
  const std::string name = absl::StrCat(service, ":exec");
  work.tasks.push_back({.name = name, .reason = "requested", .waits = true});
  work.bodies[name] = [&session, name, exec](const TaskContext& context) {
    return RunExecTask(session.engine, name, exec, context.events, context.cancellation);
  };
  return work;
}

// "in shop-web-1: ls -la"
std::string CommandText(const ExecTask& exec) {
  std::vector<std::string> words;
  for (const std::string& word : exec.spec.command) words.push_back(ShellQuote(word));
  return absl::StrCat("in ", exec.container_name, ": ", absl::StrJoin(words, " "));
}

}  // namespace

absl::Status Exec(const Workspace& workspace, const ExecOptions& options, EventSink& events,
                  const Cancellation& cancellation) {
  const absl::Time start = absl::Now();
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  NOPO_ASSIGN_OR_RETURN(const Target* target, SelectService(*opened.project, options, events));
  if (target == nullptr) return absl::OkStatus();
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  NOPO_ASSIGN_OR_RETURN(auto snapshot, ObserveEngine(*session, events, cancellation));
  snapshot =
      WithoutDirectories(snapshot, OtherDirectories(workspace, *opened.project, *snapshot, events));
  NOPO_ASSIGN_OR_RETURN(const Container container, RunningContainer(*snapshot, opened.project->slug,
                                                                    target->id, options.index));
  const ExecTask exec = TaskOf(options, container);
  events.DebugOf(target->id, DebugArea::kContainer, [&] { return CommandText(exec); });
  const PlannedWork work = PlanWork(target->id, exec, *session);
  NOPO_ASSIGN_OR_RETURN(const Plan plan, Plan::Create(work.tasks));
  if (options.execution.dry_run) {
    events.Report(ResultReady{.output = absl::StrCat(StagesText(plan), CommandText(exec), "\n")});
    return absl::OkStatus();
  }
  const RunSummary summary = RunWork(plan, work, options.execution, events, cancellation);
  const absl::Status outcome = summary.Outcome();
  const boost::json::object result{{"ok", outcome.ok()},
                                   {"tasks", boost::json::parse(TasksJson(summary))}};
  events.Report(ResultReady{.summary = SummaryLine(summary, "done", absl::Now() - start),
                            .json = boost::json::serialize(result)});
  return outcome;
}

}  // namespace nopo
