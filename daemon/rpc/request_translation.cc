#include "daemon/rpc/request_translation.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr int kMaxJobs = 1024;
constexpr int kMaxCells = 10'000;  // In a row or column of a terminal.

absl::Status BadField(absl::string_view field, absl::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   absl::StrCat(field, ": ", problem));
}

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

TargetSelection SelectionFromProto(const v1::Selection& proto, const Caller& caller) {
  return {.names = Strings(proto.targets()),
          .filters = Strings(proto.filters()),
          .tags = Strings(proto.tags()),
          .since = proto.since(),
          .working_dir = caller.working_dir,
          .environment = caller.environment};
}

absl::StatusOr<ExecutionOptions> ExecutionFromProto(const v1::Execution& proto) {
  if (proto.jobs() < 0 || proto.jobs() > kMaxJobs) {
    return BadField("execution.jobs",
                    absl::StrCat(proto.jobs(), " is not between 0 and ", kMaxJobs));
  }
  return ExecutionOptions{
      .jobs = proto.jobs(), .dry_run = proto.dry_run(), .fail_fast = proto.fail_fast()};
}

// Fills the three fields that most options share.
template <typename Options, typename Request>
absl::Status ReadCommon(const Request& request, Options& options) {
  NOPO_ASSIGN_OR_RETURN(options.caller, CallerFromProto(request.caller()));
  options.selection = SelectionFromProto(request.selection(), options.caller);
  if constexpr (requires { options.execution; }) {
    NOPO_ASSIGN_OR_RETURN(options.execution, ExecutionFromProto(request.execution()));
  }
  return absl::OkStatus();
}

absl::StatusOr<OutputFormat> FormatFromProto(v1::OutputFormat format, bool csv_allowed) {
  switch (format) {
    case v1::OUTPUT_FORMAT_UNSPECIFIED:
    case v1::OUTPUT_FORMAT_TEXT:
      return OutputFormat::kText;
    case v1::OUTPUT_FORMAT_JSON:
      return OutputFormat::kJson;
    case v1::OUTPUT_FORMAT_CSV:
      if (csv_allowed) return OutputFormat::kCsv;
      break;
    default:
      break;
  }
  return BadField("format", "this call has no such format");
}

absl::StatusOr<SyncMode> SyncModeFromProto(v1::SyncMode mode) {
  switch (mode) {
    case v1::SYNC_MODE_UNSPECIFIED:
      return SyncMode::kAuto;
    case v1::SYNC_MODE_OFFLINE:
      return SyncMode::kOffline;
    case v1::SYNC_MODE_ONLINE:
      return SyncMode::kOnline;
    case v1::SYNC_MODE_SKIP:
      return SyncMode::kSkip;
    default:
      return BadField("sync", absl::StrCat("there is no mode ", static_cast<int>(mode)));
  }
}

}  // namespace

absl::StatusOr<Caller> CallerFromProto(const v1::Caller& proto) {
  if (proto.working_dir().empty() || proto.working_dir().front() != '/') {
    return BadField("caller.working_dir",
                    absl::StrCat("'", proto.working_dir(), "' is not an absolute path"));
  }
  if (!proto.project_dir().empty() && proto.project_dir().front() != '/') {
    return BadField("caller.project_dir",
                    absl::StrCat("'", proto.project_dir(), "' is not an absolute path"));
  }
  return Caller{.working_dir = proto.working_dir(),
                .project_dir = proto.project_dir(),
                .environment = {proto.environment().begin(), proto.environment().end()},
                .umask = static_cast<mode_t>(proto.umask() & 0777),
                .report_phases = proto.report_phases()};
}

absl::StatusOr<UpOptions> UpOptionsFromProto(const v1::UpRequest& request) {
  UpOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.with_dependencies = !request.no_deps();
  options.wait_for_health = !request.no_wait();
  options.force_build = request.build();
  options.pull = request.pull();
  NOPO_ASSIGN_OR_RETURN(options.sync, SyncModeFromProto(request.sync()));
  if (request.has_timeout()) {
    options.health_timeout =
        absl::Seconds(request.timeout().seconds()) + absl::Nanoseconds(request.timeout().nanos());
    if (options.health_timeout <= absl::ZeroDuration()) {
      return BadField("timeout", "it must be longer than nothing");
    }
  }
  options.scale = {request.scale().begin(), request.scale().end()};
  return options;
}

absl::StatusOr<DownOptions> DownOptionsFromProto(const v1::DownRequest& request) {
  DownOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.volumes = request.volumes();
  options.images = request.images();
  return options;
}

absl::StatusOr<StatusOptions> StatusOptionsFromProto(const v1::GetStatusRequest& request) {
  StatusOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/false));
  options.detailed = request.detailed();
  return options;
}

absl::StatusOr<LogsOptions> LogsOptionsFromProto(const v1::StreamLogsRequest& request) {
  LogsOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.follow = request.follow();
  options.tail = request.tail() < 0 ? -1 : request.tail();
  options.timestamps = request.timestamps();
  return options;
}

absl::StatusOr<BuildOptions> BuildOptionsFromProto(const v1::BuildRequest& request) {
  BuildOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.no_cache = request.no_cache();
  options.pull = request.pull();
  options.push = request.push();
  options.print = request.print();
  options.caches = {.from = Strings(request.cache_from()), .to = Strings(request.cache_to())};
  options.target_stage = request.target_stage();
  options.build_args = {request.build_args().begin(), request.build_args().end()};
  options.output_file = request.output_file();
  if (!options.output_file.empty() && !options.output_file.is_absolute()) {
    return BadField("output_file", "it must be an absolute path");
  }
  return options;
}

absl::StatusOr<ExplainBuildsOptions> ExplainBuildsOptionsFromProto(
    const v1::ExplainBuildsRequest& request) {
  ExplainBuildsOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/false));
  options.target_stage = request.target_stage();
  options.build_args = {request.build_args().begin(), request.build_args().end()};
  return options;
}

absl::StatusOr<ListBuildsOptions> ListBuildsOptionsFromProto(const v1::ListBuildsRequest& request) {
  ListBuildsOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/false));
  if (request.limit() < 0) return BadField("limit", "it must not be negative");
  if (request.limit() > 0) options.limit = request.limit();
  return options;
}

absl::StatusOr<PullOptions> PullOptionsFromProto(const v1::PullRequest& request) {
  PullOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.force = request.force();
  return options;
}

absl::StatusOr<RunCommandOptions> RunCommandOptionsFromProto(const v1::RunRequest& request) {
  RunCommandOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  options.words = Strings(request.words());
  if (options.words.empty()) return BadField("words", "no command is named");
  options.arguments = Strings(request.arguments());
  options.in_container = request.in_container();
  options.client_commands = Strings(request.client_commands());
  if (request.context() == v1::EXECUTION_CONTEXT_HOST) options.context = CommandContext::kHost;
  if (request.context() == v1::EXECUTION_CONTEXT_CONTAINER) {
    options.context = CommandContext::kContainer;
  }
  return options;
}

absl::StatusOr<ExecOptions> ExecOptionsFromProto(const v1::ExecStart& start) {
  ExecOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(start, options));
  if (options.selection.names.size() != 1) {
    return BadField("selection.targets", "exactly one target has to be named");
  }
  options.command = Strings(start.command());
  if (options.command.empty()) return BadField("command", "no command is named");
  if (start.index() < 0) return BadField("index", "it must not be negative");
  options.index = start.index();
  options.env = {start.env().begin(), start.env().end()};
  if (options.env.contains("")) return BadField("env", "a variable has no name");
  options.working_dir = start.working_dir();
  options.user = start.user();
  options.privileged = start.privileged();
  options.on_terminal = start.terminal();
  options.detach = start.detach();
  return options;
}

absl::StatusOr<ListOptions> ListOptionsFromProto(const v1::ListTargetsRequest& request) {
  ListOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/true));
  options.validate = request.validate();
  return options;
}

absl::StatusOr<GraphOptions> GraphOptionsFromProto(const v1::GetGraphRequest& request) {
  GraphOptions options;
  NOPO_RETURN_IF_ERROR(ReadCommon(request, options));
  if (request.format() == v1::GRAPH_FORMAT_MERMAID) options.format = GraphFormat::kMermaid;
  if (request.format() == v1::GRAPH_FORMAT_JSON) options.format = GraphFormat::kJson;
  return options;
}

absl::StatusOr<DiagnoseOptions> DiagnoseOptionsFromProto(const v1::DiagnoseRequest& request) {
  DiagnoseOptions options;
  NOPO_ASSIGN_OR_RETURN(options.caller, CallerFromProto(request.caller()));
  return options;
}

absl::StatusOr<RefreshEnvironmentOptions> RefreshEnvironmentOptionsFromProto(
    const v1::RefreshEnvironmentRequest& request) {
  RefreshEnvironmentOptions options{.diff_only = request.diff_only(), .force = request.force()};
  NOPO_ASSIGN_OR_RETURN(options.caller, CallerFromProto(request.caller()));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/false));
  return options;
}

absl::StatusOr<ExplainVariableOptions> ExplainVariableOptionsFromProto(
    const v1::ExplainVariableRequest& request) {
  ExplainVariableOptions options{.key = request.key()};
  NOPO_ASSIGN_OR_RETURN(options.caller, CallerFromProto(request.caller()));
  NOPO_ASSIGN_OR_RETURN(options.format, FormatFromProto(request.format(), /*csv_allowed=*/false));
  if (options.key.empty()) return BadField("key", "no variable is named");
  return options;
}

TerminalSize TerminalSizeFromProto(const v1::TerminalSize& proto) {
  return {.columns = std::clamp(proto.columns(), 1, kMaxCells),
          .rows = std::clamp(proto.rows(), 1, kMaxCells)};
}

}  // namespace nopo
