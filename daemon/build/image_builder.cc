#include "daemon/build/image_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/size_text.h"
#include "common/status_macros.h"
#include "daemon/build/fingerprint.h"
#include "daemon/build/solve_report.h"

namespace nopo {
namespace {

constexpr char kFormat[] = "image 2";  // Changes when what is hashed, or how it is built, does.

bool ComesFromGit(const std::string& label) {
  return label == "org.opencontainers.image.revision" || label == "org.opencontainers.image.source";
}

std::map<std::string, std::string> LabelsThatCount(std::map<std::string, std::string> labels) {
  std::erase_if(labels, [](const auto& label) { return ComesFromGit(label.first); });
  return labels;
}

std::string StepsText(const SolveResult& result) {
  if (result.steps == 0) return "built";
  if (result.cached_steps == result.steps) {
    return absl::StrCat("all ", result.steps, " steps cached");
  }
  const std::string steps =
      absl::StrCat("built: ", result.steps, result.steps == 1 ? " step" : " steps");
  return result.cached_steps == 0 ? steps
                                  : absl::StrCat(steps, ", ", result.cached_steps, " cached");
}

// What of the options shows in the image. Of secrets and agents only the ids: what they hold must
// not, and somebody else's must not build it anew.
std::vector<std::string> OptionsThatCount(const ImageBuild& build,
                                          const ImageBuildOptions& options) {
  std::vector<std::string> counted = options.platforms;
  for (const CacheEntry& entry : options.caches.to) {
    if (entry.type == "inline") counted.push_back("inline cache");
  }
  for (const BuildSecret& secret : build.secrets) counted.push_back("secret " + secret.id);
  for (const BuildSshAgent& agent : build.ssh_agents) counted.push_back("ssh " + agent.id);
  return counted;
}

SolveOptions SolveOptionsOf(const ImageBuild& build, const ImageBuildOptions& options) {
  SolveOptions solve;
  solve.context_key = ContextKey(build);
  solve.dockerfile_text = build.dockerfile_text;
  solve.dockerfile_name = build.dockerfile_name;
  // Not the context's own, which may have been edited since the context was listed by it.
  solve.dockerignore_text = absl::StrCat(absl::StrJoin(build.ignore, "\n"), "\n");
  solve.target = build.stage;
  solve.build_args = build.build_args;
  solve.labels = build.labels;
  solve.tags = {build.tag};
  solve.no_cache = options.no_cache;
  solve.pull = options.pull;
  solve.platforms = options.platforms;
  // Nothing is to be reused, but others may reuse what comes of it.
  if (!options.no_cache) solve.cache_from = options.caches.from;
  solve.cache_to = options.caches.to;
  solve.grants = {
      .login = options.login, .secrets = options.secrets, .ssh_agents = options.ssh_agents};
  return solve;
}

// Engines know an image by its configuration's digest or, with containerd's store, its manifest's.
std::string IdsText(const BuiltImage& built) {
  return built.digest.empty() ? built.image_id : absl::StrCat(built.image_id, " ", built.digest);
}

// Whether files changed under a build which failed for that reason alone.
bool LostItsFiles(const TaskResult& result, const ContextSnapshot& context,
                  const Cancellation& cancellation) {
  return !result.status.ok() && !cancellation.IsCancelled() &&
         context.on_change() == ContextSnapshot::OnChange::kFail && !context.ChangedFiles().empty();
}

}  // namespace

ImageBuilder::ImageBuilder(BuildkitClient& buildkit, Ledger& ledger, WatchedTrees& trees,
                           std::string scope, ImageIdLookup image_id)
    : buildkit_(buildkit),
      sessions_(buildkit.NewRequest(Fingerprint().Add(scope).Hex())),
      contexts_(trees),
      ledger_(ledger),
      scope_(std::move(scope)),
      image_id_(std::move(image_id)) {}

TaskResult ImageBuilder::Build(const std::string& task, const ImageBuild& build,
                               const ImageBuildOptions& options, EventSink& events,
                               const Cancellation& cancellation, BuiltImage& built) {
  built = BuiltImage{.target = build.target, .tag = build.tag};
  absl::StatusOr<Inputs> inputs = InputsOf(build, options, cancellation);
  if (!inputs.ok()) return {.status = inputs.status()};
  const absl::StatusOr<std::string> id = image_id_(build.tag, cancellation);
  if (!id.ok()) return {.status = id.status()};
  const bool may_skip = !options.force && !options.no_cache && !options.pull;
  const absl::string_view doubt =
      may_skip ? DoubtAbout(task, inputs->fingerprint, *id, built) : "asked to build anyway";
  events.DebugOf(build.target, DebugArea::kCache, [&] {
    return absl::StrCat(task, ": ", doubt.empty() ? "inputs equal those of " : doubt,
                        doubt.empty() ? built.image_id : "");
  });
  if (doubt.empty()) return {.reason = "inputs unchanged", .up_to_date = true};
  SolveOptions solve = SolveOptionsOf(build, options);
  solve.context = inputs->context;
  TaskResult result = Solve(task, solve, events, cancellation, built);
  while (LostItsFiles(result, *inputs->context, cancellation)) {
    events.Info(absl::StrCat(task, ": ", inputs->context->ChangedFiles().front(),
                             " changed while it was sent; sending the files again"));
    inputs = InputsOf(build, options, cancellation);
    if (!inputs.ok()) return {.status = inputs.status()};
    solve.context = inputs->context;
    result = Solve(task, solve, events, cancellation, built);
  }
  if (!result.status.ok()) return result;
  const bool is_as_before = *id == built.image_id || *id == built.digest;
  result.up_to_date = built.cached && is_as_before && !id->empty();
  Record(task, *inputs, built, events);
  return result;
}

absl::StatusOr<ImageBuilder::Inputs> ImageBuilder::InputsOf(const ImageBuild& build,
                                                            const ImageBuildOptions& options,
                                                            const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string base_images, BaseImageIds(build, cancellation));
  Inputs inputs;
  NOPO_ASSIGN_OR_RETURN(inputs.context, contexts_.Take(build, cancellation));
  const FileTree& tree = inputs.context->tree();
  if (!tree.IsSettled() || !tree.CheckComplete().ok()) return inputs;
  Fingerprint fingerprint;
  fingerprint.Add(kFormat)
      .Add(build.dockerfile_text)
      .Add(build.stage)
      .Add(build.build_args)
      .Add(LabelsThatCount(build.labels))
      .Add(build.ignore)
      .Add(base_images)
      .Add(OptionsThatCount(build, options))
      .Add(inputs.context->version());
  inputs.fingerprint = fingerprint.Hex();
  return inputs;
}

absl::StatusOr<std::string> ImageBuilder::BaseImageIds(const ImageBuild& build,
                                                       const Cancellation& cancellation) const {
  std::string ids;
  for (const std::string& image : build.base_images) {
    NOPO_ASSIGN_OR_RETURN(const std::string id, image_id_(image, cancellation));
    absl::StrAppend(&ids, image, "=", id, "\n");
  }
  return ids;
}

absl::string_view ImageBuilder::DoubtAbout(const std::string& task,
                                           const std::optional<std::string>& inputs,
                                           const std::string& id, BuiltImage& built) {
  if (!inputs.has_value()) return "its context changed a moment ago, or cannot be read as a whole";
  if (id.empty()) return "the engine has no such image";
  const auto record = ledger_.FindBuild(scope_, task);
  if (!record.ok() || !record->has_value()) return "no record of a good build";
  if ((*record)->fingerprint != *inputs) return "inputs differ from those of the last good build";
  const std::vector<std::string> ids = absl::StrSplit((*record)->result, ' ');
  if (id != ids.front() && id != ids.back()) return "its tag is another image than was built";
  built.image_id = ids.front();
  built.digest = ids.size() > 1 ? ids.back() : "";
  built.cached = true;
  return "";
}

TaskResult ImageBuilder::Solve(const std::string& task, const SolveOptions& options,
                               EventSink& events, const Cancellation& cancellation,
                               BuiltImage& built) {
  events.DebugOf(built.target, DebugArea::kBuild,
                 [&] { return absl::StrCat(task, ": asks ", buildkit_.address()); });
  SolveReport report(task, options.dockerfile_text, events);
  const absl::StatusOr<SolveResult> solved = buildkit_.Solve(
      options, *sessions_, [&](const SolveEvent& event) { report.Apply(event); }, cancellation);
  if (!solved.ok()) return {.status = solved.status(), .last_lines = report.LastLines()};
  built.image_id = solved->image_id;
  built.digest = solved->manifest_digest;
  built.cached = solved->cached_steps == solved->steps;
  built.bytes_sent = solved->bytes_sent;
  events.DebugOf(built.target, DebugArea::kBuild, [&] {
    return absl::StrCat(task, ": session ", solved->session, ", ", solved->bytes_sent,
                        " bytes sent, ", StepsText(*solved), ", ", solved->image_id);
  });
  return {.reason = absl::StrCat(StepsText(*solved), "; sent ", SizeText(solved->bytes_sent))};
}

void ImageBuilder::Record(const std::string& task, const Inputs& inputs, const BuiltImage& built,
                          EventSink& events) {
  const std::vector<std::string> changed = inputs.context->ChangedFiles();
  if (!changed.empty()) {
    events.Warning(absl::StrCat(task, ": ", changed.front(),
                                changed.size() == 1 ? "" : " and others",
                                " changed while being sent: the image may hold a mixture, and will "
                                "be built again next time"));
    return;
  }
  if (!inputs.fingerprint.has_value()) return;
  const absl::Status recorded = ledger_.RecordBuild(
      scope_, task, BuildRecord{*inputs.fingerprint, IdsText(built), absl::Now()});
  if (!recorded.ok()) {
    events.DebugOf(built.target, DebugArea::kCache,
                   [&] { return absl::StrCat(task, ": not recorded: ", recorded.message()); });
  }
}

}  // namespace nopo
