#include "daemon/project/tag_family.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/diagnostics.h"

namespace nopo {
namespace {

// Checks the form of a component by way of a reference that consists of little else.
absl::Status CheckPart(const std::string& variable, const std::string& value) {
  const std::string sample = variable == "DOCKER_REGISTRY"  ? absl::StrCat(value, "/x")
                             : variable == "DOCKER_VERSION" ? absl::StrCat("x:", value)
                             : variable == "DOCKER_DIGEST"  ? absl::StrCat("x@", value)
                                                            : value;
  const absl::StatusOr<ImageReference> parsed = ParseImageReference(sample);
  // Of a sample that is more than the value, what the user did not write is not to be quoted.
  if (!parsed.ok() && variable != "DOCKER_REGISTRY") return parsed.status();
  const ImageReference parts = parsed.value_or(ImageReference());
  const std::string found = variable == "DOCKER_REGISTRY"  ? parts.registry
                            : variable == "DOCKER_VERSION" ? parts.version
                            : variable == "DOCKER_DIGEST"  ? parts.digest
                                                           : parts.image;
  if (found == value) return absl::OkStatus();
  const absl::string_view expected = variable == "DOCKER_IMAGE"
                                         ? "a name only, like 'team/shop'"
                                         : "a host like 'ghcr.io' or 'localhost:5000'";
  return absl::InvalidArgumentError(absl::StrCat("found ", Quoted(value), "; expected ", expected));
}

class TagResolver {
 public:
  explicit TagResolver(const EnvironmentLevels& levels) : levels_(levels) {}

  absl::Status Add(Place place) {
    if (place == Place::kBlock && IsFormerUsersTag()) return absl::OkStatus();
    if (const auto tag = levels_.Get(place, "DOCKER_TAG")) return AddTag(place, *tag);
    const bool refined = IsRefined();
    NOPO_RETURN_IF_ERROR(Fill(place, "DOCKER_REGISTRY", registry_));
    NOPO_RETURN_IF_ERROR(Fill(place, "DOCKER_IMAGE", image_));
    NOPO_RETURN_IF_ERROR(Fill(place, "DOCKER_VERSION", version_));
    if (!refined) return Fill(place, "DOCKER_DIGEST", digest_);
    // The digest of a weaker level is that of another image.
    digest_ = digest_.value_or(TagPart());
    return absl::OkStatus();
  }

  absl::StatusOr<TagFamily> Resolve(const std::string& slug) const {
    TagFamily family{.registry = registry_.value_or(TagPart()),
                     .image = image_.value_or(TagPart{.value = slug}),
                     .version = version_.value_or(TagPart{.value = kDevelopmentVersion}),
                     .digest = digest_.value_or(TagPart())};
    const TagPart& version = family.version;
    // The block's "local" is the default written down, unless it came with its digest.
    const bool chosen = version_is_chosen_ &&
                        (version.place != Place::kBlock || version.value != kDevelopmentVersion ||
                         family.digest.place == Place::kBlock);
    if (family.digest.value.empty() || chosen) return family;
    if (family.digest.in_tag) {
      return VariableError(levels_, family.digest.place, "DOCKER_TAG",
                           "found a digest without a version; expected 'image:version@digest'");
    }
    return VariableError(levels_, family.digest.place, "DOCKER_DIGEST",
                         "found a digest without a version; expected DOCKER_VERSION too");
  }

 private:
  bool IsRefined() const { return image_.has_value() || version_.has_value(); }

  // nopo writes the tag and its components into its block, but for what the user sets outside of
  // it. So one that is missing beside the others was the user's, and is nobody's once it is gone
  // there.
  bool BlockIsFull() const { return levels_.Get(Place::kBlock, "DOCKER_TARGET").has_value(); }
  bool IsFormerUsersTag() const {
    return BlockIsFull() && !levels_.Get(Place::kBlock, "DOCKER_TAG").has_value();
  }
  bool IsFormerUsers(Place place, const std::string& variable) const {
    return place == Place::kBlock && BlockIsFull() && !levels_.Get(place, variable).has_value();
  }

  // A whole tag: weaker levels add nothing.
  absl::Status AddTag(Place place, const std::string& text) {
    absl::StatusOr<ImageReference> tag = ParseImageReference(text);
    if (!tag.ok()) return VariableError(levels_, place, "DOCKER_TAG", tag.status().message());
    const auto part = [&](const std::string& value) {
      return TagPart{.value = value, .place = place, .in_tag = true};
    };
    const bool other_image = IsRefined() || IsFormerUsers(place, "DOCKER_VERSION") ||
                             IsFormerUsers(place, "DOCKER_IMAGE");
    if (other_image || IsFormerUsers(place, "DOCKER_DIGEST")) tag->digest.clear();
    digest_ = digest_.value_or(other_image ? TagPart() : part(tag->digest));
    if (IsFormerUsers(place, "DOCKER_REGISTRY")) tag->registry.clear();
    registry_ = registry_.value_or(part(tag->registry));
    if (!image_.has_value() && !IsFormerUsers(place, "DOCKER_IMAGE")) image_ = part(tag->image);
    if (version_.has_value() || IsFormerUsers(place, "DOCKER_VERSION")) return absl::OkStatus();
    version_ = part(tag->version.empty() ? kDevelopmentVersion : tag->version);
    version_is_chosen_ = !tag->version.empty();
    return absl::OkStatus();
  }

  // Sets `part` to the level's variable unless a stronger level did.
  absl::Status Fill(Place place, const std::string& variable, std::optional<TagPart>& part) {
    const auto value = levels_.Get(place, variable);
    if (part.has_value() || !value.has_value()) return absl::OkStatus();
    if (absl::Status status = CheckPart(variable, *value); !status.ok()) {
      return VariableError(levels_, place, variable, status.message());
    }
    part = TagPart{.value = *value, .place = place};
    if (&part == &version_) version_is_chosen_ = true;
    return absl::OkStatus();
  }

  const EnvironmentLevels& levels_;
  std::optional<TagPart> registry_, image_, version_, digest_;
  bool version_is_chosen_ = false;  // Not the default of a tag that has none.
};

}  // namespace

ImageReference TagFamily::Reference() const {
  return {registry.value, image.value, version.value, digest.value};
}

absl::StatusOr<TagFamily> ResolveTagFamily(const EnvironmentLevels& levels,
                                           const std::string& slug) {
  TagResolver resolver(levels);
  for (const Place place : {Place::kProcess, Place::kUser, Place::kBlock}) {
    NOPO_RETURN_IF_ERROR(resolver.Add(place));
  }
  return resolver.Resolve(slug);
}

absl::Status VariableError(const EnvironmentLevels& levels, Place place,
                           const std::string& variable, absl::string_view message) {
  std::vector<std::string> hints;
  if (place == Place::kBlock) hints.push_back("`nopo env --force` makes nopo's block anew");
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(variable, " (", levels.Describe(place, variable), "): ", message),
                   hints);
}

}  // namespace nopo
