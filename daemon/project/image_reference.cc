// ParseImageReference, ImageReference and the names that slugs make.
#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/image_names.h"

namespace nopo {
namespace {

bool IsLowerAlnum(unsigned char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

// What may stand between two runs of letters and digits in a component of an image name.
bool IsSeparator(absl::string_view run) {
  return run == "." || run == "_" || run == "__" ||
         run.find_first_not_of('-') == absl::string_view::npos;
}

bool IsImageComponent(absl::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  for (size_t at = 0; at < text.size(); ++at) {
    size_t end = at;
    while (end < text.size() && !IsLowerAlnum(text[end])) ++end;
    if (end > at && !IsSeparator(text.substr(at, end - at))) return false;
    at = end;
  }
  return true;
}

bool IsImagePath(absl::string_view text) {
  const std::vector<absl::string_view> components = absl::StrSplit(text, '/');
  return std::all_of(components.begin(), components.end(), IsImageComponent);
}

bool IsVersion(absl::string_view text) {
  constexpr size_t kLongest = 128;
  return !text.empty() && text.size() <= kLongest && text[0] != '.' && text[0] != '-' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

bool IsDigest(absl::string_view text) {
  constexpr size_t kShortest = 32;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  return parts.size() == 2 && !parts[0].empty() &&
         std::all_of(parts[0].begin(), parts[0].end(), IsLowerAlnum) &&
         parts[1].size() >= kShortest &&
         std::all_of(parts[1].begin(), parts[1].end(), absl::ascii_isxdigit) &&
         (parts[0] != "sha256" || parts[1].size() == 64);
}

bool IsRegistryHost(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (parts.size() == 2 && (parts[1].empty() || parts[1].size() > 5 ||
                            !std::all_of(parts[1].begin(), parts[1].end(), absl::ascii_isdigit))) {
    return false;
  }
  return !parts[0].empty() && std::all_of(parts[0].begin(), parts[0].end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-';
  });
}

absl::Status Malformed(absl::string_view what, absl::string_view found,
                       absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("found the ", what, " ", Quoted(found), "; expected ", expected));
}

absl::Status CheckParts(const ImageReference& reference, bool has_version, bool has_digest) {
  if (!reference.registry.empty() && !IsRegistryHost(reference.registry)) {
    return Malformed("registry", reference.registry, "a host like 'ghcr.io' or 'localhost:5000'");
  }
  if (!IsImagePath(reference.image)) {
    return Malformed("image", reference.image, "lower-case names like 'team/shop'");
  }
  if (has_version && !IsVersion(reference.version)) {
    return Malformed("version", reference.version, "at most 128 letters, digits, '.', '_' and '-'");
  }
  if (has_digest && !IsDigest(reference.digest)) {
    return Malformed("digest", reference.digest, "'sha256:' and 64 hexadecimal digits");
  }
  return absl::OkStatus();
}

}  // namespace

std::string ImageReference::ToString() const {
  return absl::StrCat(registry, registry.empty() ? "" : "/", image, version.empty() ? "" : ":",
                      version, digest.empty() ? "" : "@", digest);
}

absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text) {
  const absl::string_view written = text;
  ImageReference reference;
  const size_t at = text.find('@');
  const bool has_digest = at != absl::string_view::npos;
  if (has_digest) {
    reference.digest = std::string(text.substr(at + 1));
    text = text.substr(0, at);
  }
  // A colon before the last slash belongs to the registry's port.
  const size_t colon = text.rfind(':');
  const size_t last_slash = text.rfind('/');
  const bool has_version = colon != absl::string_view::npos &&
                           (last_slash == absl::string_view::npos || colon > last_slash);
  if (has_version) {
    reference.version = std::string(text.substr(colon + 1));
    text = text.substr(0, colon);
  }
  if (const size_t slash = text.find('/'); slash != absl::string_view::npos) {
    const absl::string_view first = text.substr(0, slash);
    if (first == "localhost" || first.find_first_of(".:") != absl::string_view::npos) {
      reference.registry = std::string(first);
      text = text.substr(slash + 1);
    }
  }
  if (text.empty()) return Malformed("reference", written, "an image's name like 'team/shop:1'");
  reference.image = std::string(text);
  if (absl::Status status = CheckParts(reference, has_version, has_digest); !status.ok()) {
    return status;
  }
  return reference;
}

namespace {

// Letters and digits of `name` in lower case. Between them, what IsSeparator takes stays if `keep`,
// and anything else becomes '-'.
std::string Slugged(absl::string_view name, bool keep) {
  std::string slug;
  std::string between;
  for (const unsigned char c : name) {
    const char lower = absl::ascii_tolower(c);
    if (!IsLowerAlnum(lower)) {
      between.push_back(lower);
      continue;
    }
    if (!slug.empty() && !between.empty()) {
      slug.append(keep && IsSeparator(between) ? between : "-");
    }
    between.clear();
    slug.push_back(lower);
  }
  return slug;
}

}  // namespace

std::string Slug(absl::string_view name) {
  const std::string slug = Slugged(name, /*keep=*/false);
  return slug.empty() ? "project" : slug;
}

std::string TargetImagePart(absl::string_view id) { return Slugged(id, /*keep=*/true); }

std::string ImageVariable(absl::string_view id) {
  std::string variable = absl::AsciiStrToUpper(id);
  for (char& c : variable) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return absl::StrCat(variable, "_IMAGE");
}

}  // namespace nopo
