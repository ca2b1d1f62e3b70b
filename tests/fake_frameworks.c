/* A fake of the few functions of Core Foundation and Security that are called, declared as in
   Apple's headers, so that a wrong width or order of an argument shows here too. A string is a
   struct with a mark; the preferences are two lines of a file named by FAKE_PREFERENCES:
   DOMAIN KEY forced|set VALUE. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const void *CFTypeRef;
typedef CFTypeRef CFAllocatorRef, CFStringRef, CFPropertyListRef, CFDataRef;
typedef uint32_t CFStringEncoding;
typedef unsigned char Boolean;
typedef long CFIndex;
typedef unsigned long CFOptionFlags;
typedef int32_t OSStatus;

static const char MARK[] = "CFString";
struct string { const char *mark; char text[4096]; };
struct data { CFIndex length; uint8_t bytes[8192]; };

static const char *text_of(CFTypeRef given) {
    const struct string *string = given;
    if (string == NULL || string->mark != MARK) abort();
    return string->text;
}

CFStringRef CFStringCreateWithCString(CFAllocatorRef allocator, const char *text,
                                      CFStringEncoding encoding) {
    if (allocator != NULL || encoding != 0x08000100) abort();
    struct string *made = calloc(1, sizeof *made);
    made->mark = MARK;
    strncpy(made->text, text, sizeof made->text - 1);
    return made;
}

static int find(CFStringRef key, CFStringRef application, char *kind, char *value) {
    char domain[256], name[256];
    FILE *file = fopen(getenv("FAKE_PREFERENCES"), "r");
    if (file == NULL) abort();
    while (fscanf(file, "%255s %255s %7s %4095s", domain, name, kind, value) == 4)
        if (!strcmp(domain, text_of(application)) && !strcmp(name, text_of(key))) {
            fclose(file);
            return 1;
        }
    fclose(file);
    return 0;
}

CFPropertyListRef CFPreferencesCopyAppValue(CFStringRef key, CFStringRef application) {
    char kind[8], value[4096];
    if (!find(key, application, kind, value)) return NULL;
    return CFStringCreateWithCString(NULL, value, 0x08000100);
}

Boolean CFPreferencesAppValueIsForced(CFStringRef key, CFStringRef application) {
    char kind[8], value[4096];
    return find(key, application, kind, value) && !strcmp(kind, "forced");
}

CFDataRef CFPropertyListCreateData(CFAllocatorRef allocator, CFPropertyListRef list, CFIndex format,
                                   CFOptionFlags options, CFTypeRef *error) {
    if (allocator != NULL || format != 100 || options != 0 || error != NULL) abort();
    struct data *made = calloc(1, sizeof *made);
    made->length = snprintf((char *)made->bytes, sizeof made->bytes,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n"
        "<string>%s</string>\n</plist>\n", text_of(list));
    return made;
}

CFIndex CFDataGetLength(CFDataRef data) { return ((const struct data *)data)->length; }

const uint8_t *CFDataGetBytePtr(CFDataRef data) { return ((const struct data *)data)->bytes; }

/* FAKE_KEYCHAIN: the status as a number, or "none". */
OSStatus SecKeychainGetStatus(CFTypeRef keychain, uint32_t *status) {
    const char *stated = getenv("FAKE_KEYCHAIN");
    if (keychain != NULL || stated == NULL) abort();
    if (!strcmp(stated, "none")) return -25294;
    *status = (uint32_t)atoi(stated);
    return 0;
}
