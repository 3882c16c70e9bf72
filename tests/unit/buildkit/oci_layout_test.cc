#include "daemon/buildkit/oci_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

constexpr char kHelloDigest[] =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
constexpr char kOtherDigest[] =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

class OciLayoutTest : public ::testing::Test {
 protected:
  std::string Store(const std::string& text, const std::string& expected = "") {
    absl::StatusOr<OciBlob> blob = layout_.NewBlob();
    EXPECT_TRUE(blob.ok()) << blob.status();
    EXPECT_TRUE(blob->Write(text).ok());
    const absl::StatusOr<std::string> digest = blob->Commit(expected);
    return digest.ok() ? *digest : std::string(digest.status().message());
  }
  std::string Read(const std::string& digest, int64_t offset, int64_t size) {
    std::string all;
    const absl::Status read =
        layout_.Read(digest, offset, size, 2, [&](int64_t, absl::string_view bytes) {
          absl::StrAppend(&all, bytes);
          return true;
        });
    return read.ok() ? all : std::string(absl::StatusCodeToString(read.code()));
  }

  TempDirectory directory_;
  OciLayout layout_{directory_.path() / "layout"};
};

TEST_F(OciLayoutTest, KeepsABlobUnderItsDigest) {
  EXPECT_EQ(Store("hello"), kHelloDigest);

  EXPECT_EQ(*layout_.SizeOf(kHelloDigest), 5);
  EXPECT_EQ(Read(kHelloDigest, 0, 0), "hello");
  EXPECT_EQ(Read(kHelloDigest, 1, 3), "ell");
}

TEST_F(OciLayoutTest, TakesNoBlobOfAnotherDigestThanExpected) {
  EXPECT_THAT(Store("hello", kOtherDigest), testing::HasSubstr(kHelloDigest));

  EXPECT_EQ(layout_.SizeOf(kHelloDigest).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OciLayoutTest, LeavesNothingOfABlobThatWasGivenUp) {
  {
    absl::StatusOr<OciBlob> blob = layout_.NewBlob();
    ASSERT_TRUE(blob.ok());
    ASSERT_TRUE(blob->Write("hel").ok());
  }

  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "layout" / "ingest"));
}

TEST_F(OciLayoutTest, LetsNobodyOutOfItsDirectory) {
  EXPECT_EQ(Read("sha256:../../../etc/passwd", 0, 0), "INVALID_ARGUMENT");
  EXPECT_EQ(Read("passwd", 0, 0), "INVALID_ARGUMENT");
}

TEST_F(OciLayoutTest, SaysWhatIsNotThere) {
  EXPECT_EQ(Read(kOtherDigest, 0, 0), "NOT_FOUND");
  Store("hello");
  EXPECT_EQ(Read(kHelloDigest, 6, 0), "OUT_OF_RANGE");
}

TEST_F(OciLayoutTest, FindsTheManifestThatWasTaggedLast) {
  ASSERT_TRUE(layout_.SetManifest("latest", R"({"digest":"sha256:1","size":1})").ok());
  ASSERT_TRUE(layout_.SetManifest("other", R"({"digest":"sha256:2","size":1})").ok());
  ASSERT_TRUE(layout_.SetManifest("latest", R"({"digest":"sha256:3","size":1})").ok());

  EXPECT_EQ(*layout_.FindManifest("latest"), "sha256:3");
  EXPECT_EQ(*layout_.FindManifest("other"), "sha256:2");
  EXPECT_EQ(*layout_.FindManifest("none"), "");
}

TEST_F(OciLayoutTest, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(*OciLayout(directory_.path() / "absent").FindManifest("latest"), "");
}

}  // namespace
}  // namespace nopo
