#include "daemon/build/image_builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/size_text.h"
#include "common/status_macros.h"
#include "daemon/build/image_inputs.h"
#include "daemon/build/solve_report.h"
#include "daemon/buildkit/solve_error.h"

namespace nopo {
namespace {

constexpr char kFormat[] = "image 2";  // Changes when what is hashed, or how it is built, does.

std::string StepsText(const SolveResult& result) {
  if (result.steps == 0) return "built";
  if (result.cached_steps == result.steps) {
    return result.steps == 1 ? "its one step cached"
                             : absl::StrCat("all ", result.steps, " steps cached");
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

SolveOptions SolveOptionsOf(const ImageBuild& build, const ImageBuildOptions& options,
                            const BuildContext& context,
                            const std::map<std::string, std::string>& base_ids) {
  SolveOptions solve;
  const bool has_all = std::none_of(base_ids.begin(), base_ids.end(),
                                    [](const auto& entry) { return entry.second.empty(); });
  if (has_all) solve.base_images = base_ids;
  solve.context = context.files;
  solve.context_key = context.key;
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

// A step's own output may tell what to do about its failure.
TaskResult Failure(absl::Status status, std::vector<std::string> last_lines) {
  const std::string hint = FullDiskHint(absl::StrJoin(last_lines, "\n"));
  if (!hint.empty() && HintsOf(status).empty()) status = WithHint(std::move(status), hint);
  return {.status = std::move(status), .last_lines = std::move(last_lines)};
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

ImageBuilder::ImageBuilder(BuildkitClient& buildkit, const BuildMemory& memory, std::string scope,
                           EngineImages engine)
    : buildkit_(buildkit),
      sessions_(buildkit.NewRequest(Fingerprint().Add(scope).Hex())),
      contexts_(memory.trees, memory.ledger, scope),
      memory_(memory),
      scope_(std::move(scope)),
      engine_(std::move(engine)) {}

TaskResult ImageBuilder::Build(const std::string& task, const ImageBuild& build,
                               const ImageBuildOptions& options, EventSink& events,
                               const Cancellation& cancellation, BuiltImage& built) {
  built = BuiltImage{.target = build.target, .tag = build.tag};
  absl::StatusOr<Assessment> assessment = Assess(task, build, options, cancellation);
  if (!assessment.ok()) return {.status = assessment.status()};
  // Not a structured binding: clang 14 lets no lambda capture one.
  const std::string& why = assessment->decision.reason;
  events.DebugOf(build.target, DebugArea::kCache, [&] { return absl::StrCat(task, ": ", why); });
  if (assessment->decision.up_to_date) {
    const std::vector<std::string> ids = absl::StrSplit(assessment->proof->result, ' ');
    built.image_id = ids.front();
    built.digest = ids.size() > 1 ? ids.back() : "";
    built.cached = true;
    return {.reason = "inputs unchanged", .up_to_date = true};
  }
  Inputs& inputs = assessment->inputs;
  const absl::Time started = absl::Now();
  TaskResult result = Solve(task, build, inputs, options, events, cancellation, built);
  while (LostItsFiles(result, *inputs.context.files, cancellation)) {
    events.Info(absl::StrCat(task, ": ", inputs.context.files->ChangedFiles().front(),
                             " changed while it was sent; sending the files again"));
    absl::StatusOr<Inputs> present = InputsOf(build, options, cancellation);
    if (!present.ok()) return {.status = present.status()};
    inputs = *std::move(present);
    result = Solve(task, build, inputs, options, events, cancellation, built);
  }
  Remember(built, why, started, result.status, cancellation);
  if (!result.status.ok()) return result;
  result.reason = absl::StrCat(result.reason, "; ", why);
  const std::string& id = assessment->image_id;
  const bool is_as_before = id == built.image_id || id == built.digest;
  result.up_to_date = built.cached && is_as_before && !id.empty();
  if (const std::string moved = MovedBaseImage(inputs, cancellation); !moved.empty()) {
    buildkit_.ForgetDockerfile(SolveOptionsOf(build, options, inputs.context, inputs.base_ids));
    events.Warning(absl::StrCat(task, ": base image ", moved,
                                " was changed during the build: the image may stand on the former "
                                "or the present one, and will be built again next time"));
    return result;
  }
  Record(task, build, inputs, built, events);
  return result;
}

absl::StatusOr<BuildDecision> ImageBuilder::Explain(const std::string& task,
                                                    const ImageBuild& build,
                                                    const ImageBuildOptions& options,
                                                    const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(Assessment assessment, Assess(task, build, options, cancellation));
  return std::move(assessment.decision);
}

absl::StatusOr<ImageBuilder::Assessment> ImageBuilder::Assess(const std::string& task,
                                                              const ImageBuild& build,
                                                              const ImageBuildOptions& options,
                                                              const Cancellation& cancellation) {
  Assessment assessment;
  NOPO_ASSIGN_OR_RETURN(assessment.inputs, InputsOf(build, options, cancellation));
  NOPO_ASSIGN_OR_RETURN(assessment.image_id, engine_.id(build.tag, cancellation));
  BuildDecision& decision = assessment.decision;
  if (options.force || options.no_cache || options.pull || options.push) {
    decision.reason = "asked for";
    return assessment;
  }
  assessment.proof = FindProof(task, assessment.inputs, assessment.image_id);
  decision.up_to_date = assessment.proof.has_value();
  decision.reason = decision.up_to_date
                        ? absl::StrCat("inputs equal those of ", assessment.image_id)
                        : WhyBuild(task, build, assessment.inputs, assessment.image_id);
  return assessment;
}

std::string ImageBuilder::WhyBuild(const std::string& task, const ImageBuild& build,
                                   const Inputs& inputs, const std::string& id) {
  const auto record = memory_.ledger.FindBuild(scope_, task);
  if (!record.ok() || !record->has_value()) return "no build on record";
  if (id.empty()) return absl::StrCat("the engine has no ", build.tag);
  if ((*record)->fingerprint == inputs.fingerprint) {
    return absl::StrCat(build.tag, " is another image than the one built last");
  }
  const auto before = memory_.history.FindInputs(scope_, task);
  std::string difference;
  if (before.ok() && before->has_value() && (*before)->fingerprint == (*record)->fingerprint) {
    const BuildInputs now =
        DescribeInputs(build, inputs.base_ids, inputs.options, inputs.context.files->tree());
    difference = BuildInputs::FromText((*before)->inputs).FirstDifference(now);
  }
  if (!difference.empty()) return difference;
  return inputs.fingerprint.has_value() ? "inputs changed" : "its context changed a moment ago";
}

// A build that cannot be remembered is a good build all the same.
void ImageBuilder::Remember(const BuiltImage& built, const std::string& why, absl::Time started,
                            const absl::Status& outcome, const Cancellation& cancellation) {
  BuildHistoryEntry entry{
      .target = built.target, .tag = built.tag, .started = started, .reason = why};
  entry.duration = absl::Now() - started;
  entry.outcome = BuildOutcomeName(outcome, built.cached);
  entry.steps = built.steps;
  entry.cached_steps = built.cached_steps;
  entry.bytes_sent = built.bytes_sent;
  entry.image_id = built.image_id;
  if (outcome.ok()) entry.image_bytes = engine_.size(built.image_id, cancellation);
  if (!outcome.ok()) entry.error = std::string(outcome.message());
  memory_.history.Append(scope_, entry).IgnoreError();
}

absl::StatusOr<ImageBuilder::Inputs> ImageBuilder::InputsOf(const ImageBuild& build,
                                                            const ImageBuildOptions& options,
                                                            const Cancellation& cancellation) {
  Inputs inputs;
  for (const std::string& image : build.base_images) {
    NOPO_ASSIGN_OR_RETURN(inputs.base_ids[image], engine_.id(image, cancellation));
  }
  inputs.options = OptionsThatCount(build, options);
  NOPO_ASSIGN_OR_RETURN(inputs.context, contexts_.Take(build, cancellation));
  const FileTree& tree = inputs.context.files->tree();
  if (!tree.IsSettled() || !tree.CheckComplete().ok()) return inputs;
  Fingerprint fingerprint;
  fingerprint.Add(kFormat)
      .Add(build.dockerfile_text)
      .Add(build.stage)
      .Add(build.build_args)
      .Add(LabelsThatCount(build))
      .Add(build.ignore)
      .Add(inputs.base_ids)
      .Add(inputs.options)
      .Add(inputs.context.files->version());
  inputs.fingerprint = fingerprint.Hex();
  return inputs;
}

std::string ImageBuilder::MovedBaseImage(const Inputs& inputs, const Cancellation& cancellation) {
  for (const auto& [image, id] : inputs.base_ids) {
    if (id.empty()) continue;  // BuildKit's own, which it may have shown to the engine.
    const absl::StatusOr<std::string> now = engine_.id_now(image, cancellation);
    if (!now.ok() || *now != id) return image;
  }
  return "";
}

std::optional<BuildRecord> ImageBuilder::FindProof(const std::string& task, const Inputs& inputs,
                                                   const std::string& id) {
  if (!inputs.fingerprint.has_value() || id.empty()) return std::nullopt;
  const auto record = memory_.ledger.FindBuild(scope_, task);
  if (!record.ok() || !record->has_value()) return std::nullopt;
  if ((*record)->fingerprint != *inputs.fingerprint) return std::nullopt;
  const std::vector<std::string> ids = absl::StrSplit((*record)->result, ' ');
  if (id != ids.front() && id != ids.back()) return std::nullopt;
  return **record;
}

absl::Status ImageBuilder::PrepareElsewhere(const Inputs& inputs, const ImageBuildOptions& options,
                                            const Cancellation& cancellation, SolveOptions& solve) {
  for (const auto& [image, id] : inputs.base_ids) {
    if (id.empty()) continue;
    NOPO_ASSIGN_OR_RETURN(std::optional<LocalImage> local, engine_.layout(image, id, cancellation));
    if (local.has_value()) solve.local_images.emplace(image, *std::move(local));
  }
  if (options.push) {
    solve.destination = ImageDestination::kRegistry;
    return absl::OkStatus();
  }
  solve.destination = ImageDestination::kArchive;
  solve.receive = [this, &cancellation, tag = solve.tags.front()](
                      const std::string& id) -> absl::StatusOr<std::unique_ptr<ArchiveSink>> {
    NOPO_ASSIGN_OR_RETURN(const std::string present, engine_.id(tag, cancellation));
    if (!id.empty() && id == present) return nullptr;
    return engine_.load(cancellation);
  };
  return absl::OkStatus();
}

TaskResult ImageBuilder::Solve(const std::string& task, const ImageBuild& build,
                               const Inputs& inputs, const ImageBuildOptions& options,
                               EventSink& events, const Cancellation& cancellation,
                               BuiltImage& built) {
  SolveOptions solve = SolveOptionsOf(build, options, inputs.context, inputs.base_ids);
  if (!buildkit_.address().in_engine) {
    absl::Status prepared = PrepareElsewhere(inputs, options, cancellation, solve);
    if (!prepared.ok()) return {.status = std::move(prepared)};
  }
  events.DebugOf(built.target, DebugArea::kBuild,
                 [&] { return absl::StrCat(task, ": asks ", buildkit_.address().ToString()); });
  SolveReport report(task, solve.dockerfile_text, events);
  const absl::StatusOr<SolveResult> solved = buildkit_.Solve(
      solve, *sessions_, [&](const SolveEvent& event) { report.Apply(event); }, cancellation);
  if (!solved.ok()) return Failure(solved.status(), report.LastLines());
  built.image_id = solved->image_id;
  built.digest = solved->manifest_digest;
  built.steps = solved->steps;
  built.cached_steps = solved->cached_steps;
  built.cached = solved->cached_steps == solved->steps;
  built.bytes_sent = solved->bytes_sent;
  events.DebugOf(built.target, DebugArea::kBuild, [&] {
    return absl::StrCat(task, ": session ", solved->session, ", ", solved->bytes_sent,
                        " bytes sent, ", solved->repeats_frontend ? "Dockerfile read before, " : "",
                        StepsText(*solved), ", ", solved->image_id);
  });
  return {.reason = absl::StrCat(StepsText(*solved), options.push ? " and pushed" : "", "; sent ",
                                 SizeText(solved->bytes_sent))};
}

void ImageBuilder::Record(const std::string& task, const ImageBuild& build, const Inputs& inputs,
                          const BuiltImage& built, EventSink& events) {
  const std::vector<std::string> changed = inputs.context.files->ChangedFiles();
  if (!changed.empty()) {
    events.Warning(absl::StrCat(task, ": ", changed.front(),
                                changed.size() == 1 ? "" : " and others",
                                " changed while being sent: the image may hold a mixture, and will "
                                "be built again next time"));
    return;
  }
  if (!inputs.fingerprint.has_value()) return;
  const BuildInputs described =
      DescribeInputs(build, inputs.base_ids, inputs.options, inputs.context.files->tree());
  memory_.history.RecordInputs(scope_, task, {*inputs.fingerprint, described.ToText()})
      .IgnoreError();
  const absl::Status recorded = memory_.ledger.RecordBuild(
      scope_, task, BuildRecord{*inputs.fingerprint, IdsText(built), absl::Now()});
  if (!recorded.ok()) {
    events.DebugOf(built.target, DebugArea::kCache,
                   [&] { return absl::StrCat(task, ": not recorded: ", recorded.message()); });
  }
}

}  // namespace nopo
