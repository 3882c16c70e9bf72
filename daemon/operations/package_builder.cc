#include "daemon/operations/package_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "daemon/build/package_skip.h"
#include "daemon/commands/host_process.h"
#include "daemon/operations/command_tasks.h"

namespace nopo {
namespace {

BuildHistoryEntry EntryOf(const PackageBuild& build, const std::string& why, absl::Time started,
                          const absl::Status& outcome) {
  BuildHistoryEntry entry{.target = build.target, .started = started, .reason = why};
  entry.duration = absl::Now() - started;
  entry.outcome = BuildOutcomeName(outcome, /*cached=*/false);
  if (!outcome.ok()) entry.error = std::string(outcome.message());
  return entry;
}

}  // namespace

PackageBuilder::PackageBuilder(const Workspace& workspace, const OpenedProject& opened,
                               const Caller& caller, std::string scope)
    : workspace_(workspace), opened_(opened), caller_(caller), scope_(std::move(scope)) {}

TaskResult PackageBuilder::Build(const Task& task, const PackageBuild& build, bool forced,
                                 const TaskContext& context) {
  absl::StatusOr<TaskResult> result = BuildOrSkip(task, build, forced, context);
  if (!result.ok()) return {.status = result.status()};
  return *std::move(result);
}

absl::StatusOr<BuildDecision> PackageBuilder::Explain(const Task& task, const PackageBuild& build) {
  NOPO_ASSIGN_OR_RETURN(Assessment assessment, Assess(task, build));
  return std::move(assessment.decision);
}

absl::StatusOr<std::optional<std::string>> PackageBuilder::FingerprintOf(
    const Task& task, const PackageBuild& build) {
  std::string dependencies;
  {
    MutexLock lock(mutex_);
    for (const std::string& name : task.depends_on) {
      const auto found = fingerprints_.find(name);
      // What a dependency was made from is not known, so neither is what this one is.
      if (found == fingerprints_.end()) return std::optional<std::string>();
      absl::StrAppend(&dependencies, name, "=", found->second, "\n");
    }
  }
  NOPO_ASSIGN_OR_RETURN(std::optional<std::string> fingerprint,
                        PackageFingerprint(build, dependencies));
  if (fingerprint.has_value()) {
    MutexLock lock(mutex_);
    fingerprints_[task.name] = *fingerprint;
  }
  return fingerprint;
}

absl::StatusOr<PackageBuilder::Assessment> PackageBuilder::Assess(const Task& task,
                                                                  const PackageBuild& build) {
  Assessment assessment;
  NOPO_ASSIGN_OR_RETURN(assessment.fingerprint, FingerprintOf(task, build));
  BuildDecision& decision = assessment.decision;
  if (build.outputs.empty()) {
    decision.reason = "it names no build.output, by which to tell whether it is needed";
    return assessment;
  }
  if (!assessment.fingerprint.has_value()) {
    decision.reason = "what it is made from changed a moment ago, or cannot be known";
    return assessment;
  }
  const auto record = workspace_.ledger.FindBuild(scope_, task.name);
  if (!record.ok() || !record->has_value()) {
    decision.reason = "no record of a good run";
  } else if ((*record)->fingerprint != *assessment.fingerprint) {
    decision.reason = "its inputs differ from those of the last good run";
  } else if (!PackageIsUpToDate(build, *assessment.fingerprint, *record)) {
    decision.reason = "its outputs differ from those of the last good run";
  } else {
    decision = {.up_to_date = true, .reason = "inputs and outputs are as after the last good run"};
  }
  return assessment;
}

absl::StatusOr<TaskResult> PackageBuilder::BuildOrSkip(const Task& task, const PackageBuild& build,
                                                       bool forced, const TaskContext& context) {
  NOPO_ASSIGN_OR_RETURN(const Assessment assessment, Assess(task, build));
  const std::string why = forced ? "asked for" : assessment.decision.reason;
  context.events.DebugOf(build.target, DebugArea::kCache,
                         [&] { return absl::StrCat(task.name, ": ", why); });
  if (assessment.decision.up_to_date && !forced) {
    return TaskResult{.reason = "inputs and outputs unchanged", .up_to_date = true};
  }
  // Before anything is changed: a crash in the middle must not leave a record that says "built".
  NOPO_RETURN_IF_ERROR(workspace_.ledger.ForgetBuild(scope_, task.name));
  TaskResult result = Run(task, build, why, context);
  if (!result.status.ok() || !assessment.fingerprint.has_value()) return result;
  NOPO_ASSIGN_OR_RETURN(const BuildRecord record, PackageRecord(build, *assessment.fingerprint));
  result.reason = "built";
  // A build that cannot be remembered is a good build all the same.
  if (absl::Status kept = workspace_.ledger.RecordBuild(scope_, task.name, record); !kept.ok()) {
    context.events.Warning(absl::StrCat(task.name, " will be built again: ", kept.message()));
  }
  return result;
}

TaskResult PackageBuilder::Run(const Task& task, const PackageBuild& build, const std::string& why,
                               const TaskContext& context) {
  const absl::Time started = absl::Now();
  HostCommand command{.run = build.command,
                      .dir = build.dir.string(),
                      .dir_key = build.dir_key,
                      .umask = caller_.umask};
  command.env = TaskEnvironment(build.env, opened_, caller_);
  TaskResult result = RunHostCommand(task.name, command, context.events, context.cancellation);
  workspace_.history.Append(scope_, EntryOf(build, why, started, result.status)).IgnoreError();
  return result;
}

}  // namespace nopo
