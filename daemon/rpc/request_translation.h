// Requests on the wire into the options of operations.
#pragma once

#include "absl/status/statusor.h"
#include "daemon/operations/build.h"
#include "daemon/operations/diagnose.h"
#include "daemon/operations/down.h"
#include "daemon/operations/exec.h"
#include "daemon/operations/explain_builds.h"
#include "daemon/operations/explain_variable.h"
#include "daemon/operations/get_graph.h"
#include "daemon/operations/get_status.h"
#include "daemon/operations/list_builds.h"
#include "daemon/operations/list_targets.h"
#include "daemon/operations/pull.h"
#include "daemon/operations/refresh_environment.h"
#include "daemon/operations/run_command.h"
#include "daemon/operations/stream_logs.h"
#include "daemon/operations/up.h"
#include "daemon/operations/watch.h"
#include "nopo/v1/build.pb.h"
#include "nopo/v1/commands.pb.h"
#include "nopo/v1/daemon.pb.h"
#include "nopo/v1/environment.pb.h"
#include "nopo/v1/lifecycle.pb.h"
#include "nopo/v1/project.pb.h"

namespace nopo {

// Errors of all: INVALID_ARGUMENT (BAD_ARGUMENTS) naming the field.
absl::StatusOr<UpOptions> UpOptionsFromProto(const v1::UpRequest& request);
absl::StatusOr<DownOptions> DownOptionsFromProto(const v1::DownRequest& request);
absl::StatusOr<StatusOptions> StatusOptionsFromProto(const v1::GetStatusRequest& request);
absl::StatusOr<LogsOptions> LogsOptionsFromProto(const v1::StreamLogsRequest& request);
absl::StatusOr<BuildOptions> BuildOptionsFromProto(const v1::BuildRequest& request);
absl::StatusOr<ExplainBuildsOptions> ExplainBuildsOptionsFromProto(
    const v1::ExplainBuildsRequest& request);
absl::StatusOr<ListBuildsOptions> ListBuildsOptionsFromProto(const v1::ListBuildsRequest& request);
absl::StatusOr<PullOptions> PullOptionsFromProto(const v1::PullRequest& request);
absl::StatusOr<RunCommandOptions> RunCommandOptionsFromProto(const v1::RunRequest& request);
// Without `terminal`.
absl::StatusOr<ExecOptions> ExecOptionsFromProto(const v1::ExecStart& start);
absl::StatusOr<ListOptions> ListOptionsFromProto(const v1::ListTargetsRequest& request);
absl::StatusOr<GraphOptions> GraphOptionsFromProto(const v1::GetGraphRequest& request);
absl::StatusOr<DiagnoseOptions> DiagnoseOptionsFromProto(const v1::DiagnoseRequest& request);
absl::StatusOr<Caller> CallerFromProto(const v1::Caller& proto);
absl::StatusOr<RefreshEnvironmentOptions> RefreshEnvironmentOptionsFromProto(
    const v1::RefreshEnvironmentRequest& request);
absl::StatusOr<ExplainVariableOptions> ExplainVariableOptionsFromProto(
    const v1::ExplainVariableRequest& request);
// One that a terminal can have.
TerminalSize TerminalSizeFromProto(const v1::TerminalSize& proto);

}  // namespace nopo
