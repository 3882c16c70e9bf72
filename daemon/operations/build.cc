#include "daemon/operations/build.h"

#include <unistd.h>

#include <boost/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/size_text.h"
#include "common/status_macros.h"
#include "daemon/operations/build_listing.h"
#include "daemon/operations/build_tasks.h"
#include "daemon/operations/command_tasks.h"
#include "daemon/operations/run_report.h"
#include "daemon/sync/dependency_sync.h"

namespace nopo {
namespace {

boost::json::array ImagesJson(const std::vector<BuiltImage>& images) {
  boost::json::array array;
  for (const BuiltImage& image : images) {
    const absl::StatusOr<ImageReference> reference = ParseImageReference(image.tag);
    const ImageReference parts = reference.ok() ? *reference : ImageReference{};
    array.push_back(boost::json::object{{"name", image.target},
                                        {"tag", image.tag},
                                        {"registry", parts.registry},
                                        {"image", parts.image},
                                        {"version", parts.version},
                                        {"digest", image.digest},
                                        {"image_id", image.image_id},
                                        {"cached", image.cached}});
  }
  return array;
}

int64_t BytesSent(const std::vector<BuiltImage>& images) {
  int64_t sum = 0;
  for (const BuiltImage& image : images) sum += image.bytes_sent;
  return sum;
}

// Told before anything is built.
absl::Status CheckOutput(const std::filesystem::path& file) {
  std::error_code error;
  const auto refuse = [&](absl::string_view why) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     absl::StrCat("--output ", file.string(), ": ", why));
  };
  if (std::filesystem::is_directory(file, error)) return refuse("that is a folder");
  if (std::filesystem::is_directory(file.parent_path(), error)) return absl::OkStatus();
  return refuse(absl::StrCat("there is no folder ", file.parent_path().string()));
}

absl::Status WriteOutput(const std::filesystem::path& file, const boost::json::array& images) {
  std::ofstream stream(file, std::ios::trunc);
  stream << boost::json::serialize(images) << "\n";
  stream.close();
  if (stream.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission,
                   absl::StrCat("cannot write ", file.string(), ": ", std::strerror(errno)));
}

}  // namespace

absl::Status Build(const Workspace& workspace, const BuildOptions& options, EventSink& events,
                   const Cancellation& cancellation) {
  const absl::Time start = absl::Now();
  const bool only_tells = options.execution.dry_run || options.print;
  const DotenvUse use = only_tells ? DotenvUse::kRead : DotenvUse::kWrite;
  if (!options.output_file.empty()) NOPO_RETURN_IF_ERROR(CheckOutput(options.output_file));
  NOPO_ASSIGN_OR_RETURN(PreparedBuild prepared,
                        PrepareBuild(workspace, options, use, events, cancellation));
  const Project& project = *prepared.opened.project;
  const bool pushes = prepared.build.options.push;
  if (!only_tells) {
    NOPO_RETURN_IF_ERROR(ReadImageOptions(workspace, options, events, cancellation, prepared));
  }
  RegistryLogins logins(options.caller.environment);
  ImageTransfers transfers(prepared.session, logins);
  BuildTasks builds(workspace, prepared.opened, options.caller, prepared.session, logins,
                    prepared.build);
  PlannedWork work{.tasks = prepared.plan.tasks};
  builds.AddBodies(work, prepared.plan.builds, options.execution);
  AddCommandBodies(work, prepared.plan.commands,
                   {.opened = prepared.opened,
                    .caller = options.caller,
                    .session = prepared.session,
                    .transfers = &transfers,
                    .files_may_have_changed = [&] { builds.FilesMayHaveChanged(); }});
  if (pushes) NOPO_RETURN_IF_ERROR(builds.AddPushesTo(work, prepared.plan.builds));
  NOPO_ASSIGN_OR_RETURN(const Plan plan, Plan::Create(work.tasks));
  if (options.print) {
    events.Report(DescribeBuilds(plan, prepared.plan.builds, project.root));
    return absl::OkStatus();
  }
  if (options.execution.dry_run) {
    ReportDryRun(plan, work.listings, events);
    return absl::OkStatus();
  }
  NOPO_ASSIGN_OR_RETURN(const ProjectRegistry::Turn turn,
                        TakeTurn(workspace, project, "build", events, cancellation));
  if (options.no_cache && prepared.session != nullptr) {
    NOPO_RETURN_IF_ERROR(
        ForgetSync(workspace.ledger, project, LedgerScope(project, *prepared.session)));
  }
  const RunSummary summary = RunWork(plan, work, options.execution, events, cancellation);
  const int64_t bytes_sent = BytesSent(builds.built());
  const boost::json::array images = ImagesJson(builds.built());
  absl::Status outcome = summary.Outcome();
  if (!options.output_file.empty()) outcome.Update(WriteOutput(options.output_file, images));
  const boost::json::object result{{"ok", outcome.ok()},
                                   {"images", images},
                                   {"bytes_sent", bytes_sent},
                                   {"tasks", boost::json::parse(TasksJson(summary))}};
  std::string line = SummaryLine(summary, "built", absl::Now() - start);
  if (bytes_sent > 0) absl::StrAppend(&line, ", ", SizeText(bytes_sent), " sent to BuildKit");
  events.Report(ResultReady{.summary = plan.empty() ? "nothing to build" : line,
                            .json = boost::json::serialize(result)});
  return outcome;
}

}  // namespace nopo
