#include "daemon/operations/pull.h"

#include <boost/json.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "daemon/operations/image_transfers.h"
#include "daemon/operations/planned_work.h"
#include "daemon/operations/run_report.h"

namespace nopo {
namespace {

constexpr char kLocalVersion[] = "local";

struct PulledImage {
  std::string target, image, digest, image_id;
  bool changed = false;
};

// The services whose images a registry has, by id; the root stands for the base image.
absl::StatusOr<std::map<std::string, std::string>> SelectImages(const OpenedProject& opened,
                                                                const TargetSelection& selection,
                                                                EventSink& events) {
  const bool named = !selection.names.empty();
  std::vector<const Target*> targets;
  NOPO_ASSIGN_OR_RETURN(const auto selected, SelectTargets(*opened.project, selection));
  for (const Target* target : selected) {
    if (target->kind != TargetKind::kPackage) {
      // The root is listed for its commands; only by name its image is meant.
      if (target->kind == TargetKind::kService || named) targets.push_back(target);
    } else if (named) {
      return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                       absl::StrCat(target->id, " is a package: it has no image to pull"));
    }
  }
  std::map<std::string, std::string> images;
  for (const Target* target : targets) {
    const bool is_built_here = target->image.empty() && opened.names.version == kLocalVersion;
    if (!is_built_here) {
      images[target->id] = ImageOf(*target, opened.names);
    } else if (named) {
      events.Info(absl::StrCat(target->id, " is built here: there is nothing to pull as long as ",
                               "its version is ", kLocalVersion));
    }
  }
  return images;
}

// The bodies of the tasks, and what came of them. Lives as long as the plan runs; thread-safe.
class PullTasks {
 public:
  PullTasks(EngineSession& session, RegistryLogins& logins, bool force)
      : session_(session), transfers_(&session, logins), force_(force) {}

  PlannedWork Plan(const std::map<std::string, std::string>& images) {
    PlannedWork work;
    for (const auto& requested : images) {
      // Not a structured binding: clang 14 lets no lambda capture one.
      const std::string& target = requested.first;
      const std::string& image = requested.second;
      const std::string task = absl::StrCat(target, ":pull");
      work.tasks.push_back({.name = task, .reason = "requested"});
      work.listings[task] = {
          .target = target, .command = "pull", .run = absl::StrCat("pull ", image)};
      work.bodies[task] = [this, task, target, image](const TaskContext& context) -> TaskResult {
        absl::StatusOr<PulledImage> pulled = Pull(task, image, context);
        if (!pulled.ok()) return {.status = pulled.status()};
        pulled->target = target;
        const TaskResult result{
            .reason = pulled->changed ? "pulled" : "its registry has nothing newer",
            .up_to_date = !pulled->changed};
        MutexLock lock(mutex_);
        pulled_.push_back(*std::move(pulled));
        return result;
      };
    }
    return work;
  }

  boost::json::array Json() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    boost::json::array array;
    for (const PulledImage& image : pulled_) {
      array.push_back(boost::json::object{{"name", image.target},
                                          {"tag", image.image},
                                          {"digest", image.digest},
                                          {"image_id", image.image_id},
                                          {"changed", image.changed}});
    }
    return array;
  }

 private:
  absl::StatusOr<std::string> IdOf(const std::string& image, const Cancellation& cancellation) {
    return session_.mirror.ImageId(image, AgeInOperation(start_), cancellation);
  }

  absl::StatusOr<PulledImage> Pull(const std::string& task, const std::string& image,
                                   const TaskContext& context) {
    PulledImage result{.image = image};
    NOPO_ASSIGN_OR_RETURN(const std::string before, IdOf(image, context.cancellation));
    // A digest names one content for ever.
    const size_t at = image.find('@');
    if (at != std::string::npos && !before.empty() && !force_) {
      result.digest = image.substr(at + 1);
      result.image_id = before;
      return result;
    }
    NOPO_ASSIGN_OR_RETURN(result.digest,
                          transfers_.Pull(task, image, context.events, context.cancellation));
    NOPO_ASSIGN_OR_RETURN(result.image_id, IdOf(image, context.cancellation));
    result.changed = result.image_id != before;
    return result;
  }

  EngineSession& session_;
  ImageTransfers transfers_;
  const bool force_;
  const absl::Time start_ = absl::Now();
  mutable Mutex mutex_;
  std::vector<PulledImage> pulled_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status Pull(const Workspace& workspace, const PullOptions& options, EventSink& events,
                  const Cancellation& cancellation) {
  const absl::Time start = absl::Now();
  const DotenvUse use = options.execution.dry_run ? DotenvUse::kRead : DotenvUse::kWrite;
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened,
                        OpenProjectForTasks(workspace, options.caller, use, events, cancellation));
  NOPO_ASSIGN_OR_RETURN(const auto images, SelectImages(opened, options.selection, events));
  NOPO_ASSIGN_OR_RETURN(EngineSession * session, workspace.engines.For(options.caller));
  RegistryLogins logins(options.caller.environment);
  PullTasks tasks(*session, logins, options.force);
  const PlannedWork work = tasks.Plan(images);
  NOPO_ASSIGN_OR_RETURN(const Plan plan, Plan::Create(work.tasks));
  if (options.execution.dry_run) {
    ReportDryRun(plan, work.listings, events);
    return absl::OkStatus();
  }
  NOPO_ASSIGN_OR_RETURN(const ProjectRegistry::Turn turn,
                        TakeTurn(workspace, *opened.project, "pull", events, cancellation));
  const RunSummary summary = RunWork(plan, work, options.execution, events, cancellation);
  const absl::Status outcome = summary.Outcome();
  const boost::json::object result{{"ok", outcome.ok()},
                                   {"images", tasks.Json()},
                                   {"tasks", boost::json::parse(TasksJson(summary))}};
  events.Report(ResultReady{.summary = plan.empty()
                                           ? "nothing to pull"
                                           : SummaryLine(summary, "pulled", absl::Now() - start),
                            .json = boost::json::serialize(result)});
  return outcome;
}

}  // namespace nopo
