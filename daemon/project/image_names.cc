#include "daemon/project/image_names.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/dotenv.h"
#include "daemon/project/git_facts.h"

namespace nopo {
namespace {

constexpr char kDevelopmentVersion[] = "local";

// Variables of one place, and what that place is called in messages.
struct Level {
  const EnvironmentMap* variables;
  std::string origin;
  // Written by nopo: its "local" is the default, not somebody's wish.
  bool is_block = false;

  // An empty value is an unset one.
  std::optional<std::string> Get(const std::string& name) const {
    const auto it = variables->find(name);
    if (it == variables->end() || it->second.empty()) return std::nullopt;
    return it->second;
  }
};

absl::Status ReferenceError(const Level& level, const std::string& variable,
                            absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(variable, " (", level.origin, "): ", message));
}

// DOCKER_TAG and its components, filled from the strongest level to the weakest.
class TagResolver {
 public:
  absl::Status Add(const Level& level) {
    if (const auto tag = level.Get("DOCKER_TAG")) return AddTag(level, *tag);
    const bool refined = image_.has_value() || version_.has_value();
    NOPO_RETURN_IF_ERROR(Fill(level, "DOCKER_REGISTRY", registry_));
    NOPO_RETURN_IF_ERROR(Fill(level, "DOCKER_IMAGE", image_));
    if (!level.is_block || level.Get("DOCKER_VERSION") != kDevelopmentVersion) {
      NOPO_RETURN_IF_ERROR(Fill(level, "DOCKER_VERSION", version_));
    }
    // The digest of a weaker level is that of another image.
    if (refined) digest_ = digest_.value_or("");
    if (!digest_.has_value()) digest_level_ = level;
    return Fill(level, "DOCKER_DIGEST", digest_);
  }

  // What no level says comes from the project's name.
  absl::StatusOr<ImageReference> Resolve(const std::string& slug) const {
    ImageReference reference{registry_.value_or(""), image_.value_or(slug), version_.value_or(""),
                             digest_.value_or("")};
    if (!reference.digest.empty() && (reference.version.empty() || version_is_default_)) {
      return ReferenceError(*digest_level_, "DOCKER_DIGEST",
                            "found a digest without a version; expected DOCKER_VERSION too");
    }
    if (reference.version.empty()) reference.version = kDevelopmentVersion;
    return reference;
  }

 private:
  // A whole tag: weaker levels add nothing.
  absl::Status AddTag(const Level& level, const std::string& text) {
    const absl::StatusOr<ImageReference> tag = ParseImageReference(text);
    if (!tag.ok()) return ReferenceError(level, "DOCKER_TAG", tag.status().message());
    const bool refined = image_.has_value() || version_.has_value();
    if (!refined && !digest_.has_value() && !tag->digest.empty() && tag->version.empty()) {
      return ReferenceError(level, "DOCKER_TAG",
                            "found a digest without a version; expected 'image:version@digest'");
    }
    registry_ = registry_.value_or(tag->registry);
    image_ = image_.value_or(tag->image);
    digest_ = digest_.value_or(refined ? "" : tag->digest);
    if (version_.has_value()) return absl::OkStatus();
    version_is_default_ =
        tag->version.empty() || (level.is_block && tag->version == kDevelopmentVersion);
    version_ = tag->version.empty() ? kDevelopmentVersion : tag->version;
    return absl::OkStatus();
  }

  // Sets `part` to the level's variable unless a stronger level did; checks its form by way of a
  // reference that consists of little else.
  static absl::Status Fill(const Level& level, const std::string& variable,
                           std::optional<std::string>& part) {
    const auto value = level.Get(variable);
    if (part.has_value() || !value.has_value()) return absl::OkStatus();
    const std::string sample = variable == "DOCKER_REGISTRY"  ? absl::StrCat(*value, "/x")
                               : variable == "DOCKER_VERSION" ? absl::StrCat("x:", *value)
                               : variable == "DOCKER_DIGEST"  ? absl::StrCat("x@", *value)
                                                              : *value;
    const absl::StatusOr<ImageReference> parsed = ParseImageReference(sample);
    if (!parsed.ok()) return ReferenceError(level, variable, parsed.status().message());
    if (variable == "DOCKER_IMAGE" && parsed->ToString() != parsed->image) {
      return ReferenceError(
          level, variable,
          absl::StrCat("found ", Quoted(*value), "; expected a name only, like 'team/shop'"));
    }
    part = value;
    return absl::OkStatus();
  }

  std::optional<std::string> registry_, image_, version_, digest_;
  std::optional<Level> digest_level_;
  bool version_is_default_ = false;
};

bool HasImageOfItsOwn(const Target& target) {
  const bool has_recipe =
      !target.dockerfile.empty() || (target.build.has_value() && !target.build->command.empty());
  return target.kind == TargetKind::kService && target.image.empty() && has_recipe;
}

absl::Status NameTargets(const Project& project, const ImageReference& base,
                         const std::vector<Level>& levels, ImageNames& names) {
  for (const Target& target : project.targets) {
    if (!HasImageOfItsOwn(target)) continue;
    ImageReference own = base;
    own.image = absl::StrCat(base.image, "-", TargetImagePart(target.id));
    own.digest.clear();
    std::string tag = own.ToString();
    const std::string variable = ImageVariable(target.id);
    for (const Level& level : levels) {
      const auto value = level.Get(variable);
      if (!value.has_value()) continue;
      if (const auto parsed = ParseImageReference(*value); !parsed.ok()) {
        return ReferenceError(level, variable, parsed.status().message());
      }
      tag = *value;
      break;
    }
    names.managed[variable] = tag;
    names.targets[target.id] = std::move(tag);
  }
  return absl::OkStatus();
}

void AddGitVariables(const Project& project, const Level& process, GitVariables git,
                     EnvironmentMap& managed) {
  std::optional<GitFacts> facts;
  const std::array<std::pair<const char*, std::string GitFacts::*>, 3> variables = {{
      {"GIT_REPO", &GitFacts::repository},
      {"GIT_BRANCH", &GitFacts::branch},
      {"GIT_COMMIT", &GitFacts::commit},
  }};
  for (const auto& [name, member] : variables) {
    if (const auto value = process.Get(name)) {
      managed[name] = *value;
    } else if (git == GitVariables::kAsk) {
      if (!facts.has_value()) facts = ReadGitFacts(project.root);
      managed[name] = (*facts).*member;
    }
  }
}

// The first level that has it, else `otherwise`; nothing if both are empty.
void AddVariable(const std::string& name, const std::vector<Level>& levels, std::string otherwise,
                 EnvironmentMap& managed) {
  for (const Level& level : levels) {
    if (const auto value = level.Get(name)) {
      managed[name] = *value;
      return;
    }
  }
  if (!otherwise.empty()) managed[name] = std::move(otherwise);
}

}  // namespace

absl::StatusOr<ImageNames> ResolveImageNames(const Project& project,
                                             const EnvironmentMap& environment, GitVariables git) {
  NOPO_ASSIGN_OR_RETURN(const Dotenv dotenv, LoadDotenv(project, environment));
  const std::string file = dotenv.path.filename().native();
  const std::vector<Level> chosen = {{&environment, "the environment"}, {&dotenv.user, file}};
  std::vector<Level> all = chosen;
  all.push_back({&dotenv.block, absl::StrCat("nopo's block in ", file), /*is_block=*/true});

  TagResolver resolver;
  for (const Level& level : all) NOPO_RETURN_IF_ERROR(resolver.Add(level));
  NOPO_ASSIGN_OR_RETURN(const ImageReference base, resolver.Resolve(project.slug));

  ImageNames names;
  names.base = base.ToString();
  names.version = base.version;
  names.registry = base.registry;
  EnvironmentMap& managed = names.managed;
  managed = {
      {"DOCKER_TAG", names.base}, {"DOCKER_IMAGE", base.image}, {"DOCKER_VERSION", base.version}};
  if (!base.registry.empty()) managed["DOCKER_REGISTRY"] = base.registry;
  if (!base.digest.empty()) managed["DOCKER_DIGEST"] = base.digest;
  AddVariable("DOCKER_PORT", all, "", managed);
  const std::string mode = base.version == kDevelopmentVersion ? "development" : "production";
  AddVariable("DOCKER_TARGET", chosen, mode, managed);
  AddVariable("NODE_ENV", chosen, mode, managed);
  AddGitVariables(project, chosen[0], git, managed);
  NOPO_RETURN_IF_ERROR(NameTargets(project, base, chosen, names));
  return names;
}

std::string ImageOf(const Target& target, const ImageNames& names) {
  if (!target.image.empty()) return target.image;
  const auto it = names.targets.find(target.id);
  return it != names.targets.end() ? it->second : names.base;
}

}  // namespace nopo
